"""offlineimap keeps a Maildir and a queue alike over TLS, in both directions."""
import subprocess

import harness
from harness import mail

_CONFIG = """
[general]
accounts = claimq
metadata = {folder}/offlineimap
ui = basic
socktimeout = 30

[Account claimq]
localrepository = local
remoterepository = remote

[Repository local]
type = Maildir
localfolders = {maildir}

[Repository remote]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {user}
remotepass = {password}
{tls}
folderfilter = lambda folder: folder == "letters"
"""


class Offlineimap(harness.TlsCase):
    def tls(self):
        return self.port("imaps"), f"ssl = yes\nstarttls = no\nsslcacertfile = {self.certificate}"

    def setUp(self):
        self.maildir = self.folder / "mail"
        self.config = self.folder / "offlineimaprc"
        port, tls = self.tls()
        self.config.write_text(_CONFIG.format(folder=self.folder, maildir=self.maildir, port=port, tls=tls, user=self.server.user,
                                              password=self.server.password))

    def sync(self):
        done = subprocess.run(["offlineimap", "-c", str(self.config), "-o", "-1"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("ERROR", done.stdout + done.stderr)

    def files(self, subject=""):
        box = self.maildir / "letters"
        return [path for name in ("new", "cur") for path in (box / name).glob("*")
                if f"Subject: {subject}".encode() in path.read_bytes()]

    def test_two_way_sync(self):
        self.queue("letters")
        self.send("letters", *(f"payload {number}" for number in range(5)))
        connection = self.imap()
        for number in range(10):
            connection.append("letters", None, None, mail(f"letter {number}"))
        self.ok(connection.select("letters"))

        self.sync()
        self.assertEqual(len(self.files()), 15)
        (three,) = self.ok(connection.uid("SEARCH", "SUBJECT", '"letter 3"'))[0].split()
        self.ok(connection.uid("STORE", three.decode(), "+FLAGS", "(\\Seen \\Flagged)"))
        (five,) = self.files("letter 5")
        five.rename(five.parent.parent / "cur" / (five.name.split(":")[0] + ":2,S"))
        (seven,) = self.files("letter 7")
        seven.unlink()
        (self.maildir / "letters" / "new" / "1700000000.made.here").write_bytes(mail("from the Maildir").replace(b"\r\n", b"\n"))

        self.sync()
        (three,) = self.files("letter 3")
        self.assertEqual("FS", three.name.rsplit(",", 1)[1])
        connection.noop()
        self.assertTrue(self.ok(connection.search(None, "SUBJECT", '"letter 5"', "SEEN"))[0])
        self.assertFalse(self.ok(connection.search(None, "SUBJECT", '"letter 7"'))[0])
        self.assertTrue(self.ok(connection.search(None, "SUBJECT", '"from the Maildir"'))[0])
        self.sync()
        self.assertEqual(len(self.files()), 15)
        self.assertEqual(self.ok(connection.select("letters")), [b"15"])


class OfflineimapWithStarttls(Offlineimap):
    def tls(self):
        return self.port("imap"), f"ssl = no\nstarttls = yes\nsslcacertfile = {self.certificate}"


if __name__ == "__main__":
    harness.main()
