"""curl's imap:// URLs."""
import subprocess

import harness
from harness import mail


class Curl(harness.ServerCase):
    def curl(self, path, *arguments):
        url = f"imap://{self.server.imap}/{path}"
        done = subprocess.run(["curl", "--silent", "--show-error", "--user", f"{self.server.user}:{self.server.password}", *arguments, url],
                              capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_upload_list_search_fetch(self):
        self.queue("post")
        path = self.folder / "letter.eml"
        path.write_bytes(mail("by curl", "körper\r\n"))
        self.curl("post", "--upload-file", str(path))
        self.curl("post", "--upload-file", str(path))
        self.assertIn(b"post", self.curl(""))
        self.assertEqual(self.curl("post?ALL").strip(), b"* SEARCH 1 2")
        self.assertEqual(self.curl("post;UID=2"), path.read_bytes())
        self.assertIn(b"Subject: by curl", self.curl("post;MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)"))

    def test_custom_command(self):
        self.send(self.queue("custom"), "x")
        answer = self.curl("custom", "--request", "STORE 1 (UNCHANGEDSINCE 1000) +FLAGS (\\Claimed)")
        self.assertIn(b"\\Claimed", answer)
        self.assertEqual(len(self.api().claim("custom", "w")), 0)

    def test_wrong_password(self):
        done = subprocess.run(["curl", "--silent", "--user", "admin:wrong", f"imap://{self.server.imap}/"], capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 67)


if __name__ == "__main__":
    harness.main()
