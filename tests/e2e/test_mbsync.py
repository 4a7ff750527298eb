"""mbsync keeps a Maildir and a queue alike, in both directions."""
import pathlib
import subprocess

import harness
import imap_door
from harness import mail

_CONFIG = """
IMAPAccount claimq
Host {host}
Port {port}
User {user}
Pass "{password}"
{tls}
AuthMechs LOGIN

IMAPStore remote
Account claimq
UseNamespace no

MaildirStore local
Path {maildir}/
Inbox {maildir}/INBOX
SubFolders Verbatim

Channel jobs
Far :remote:
Near :local:
Patterns letters
Create Both
Expunge Both
Sync All
SyncState *
"""


class Mbsync(harness.ServerCase):
    def address(self):
        """Where mbsync connects to, and how: host, port, lines of its configuration."""
        host, port = self.server.imap_address
        return host, port, "SSLType None"

    def setUp(self):
        self.maildir = self.folder / "mail"
        self.maildir.mkdir(exist_ok=True)
        self.config = self.folder / "mbsyncrc"
        host, port, tls = self.address()
        self.config.write_text(_CONFIG.format(host=host, port=port, tls=tls, user=self.server.user, password=self.server.password,
                                              maildir=self.maildir))

    def sync(self):
        done = subprocess.run(["mbsync", "-c", str(self.config), "-V", "jobs"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def files(self):
        box = self.maildir / "letters"
        return sorted(path for name in ("new", "cur") for path in (box / name).glob("*"))

    def remote(self):
        connection = self.imap("letters")
        connection.response("FETCH")
        lines = [line for line in self.ok(connection.fetch("1:*", "(UID FLAGS MODSEQ)")) if line]
        connection.logout()
        return lines

    def test_two_way_sync(self):
        self.queue("letters")
        self.send("letters", *(f"payload {number}" for number in range(20)))
        connection = self.imap()
        for number in range(10):
            connection.append("letters", None, None, mail(f"letter {number}"))
        for path in sorted(pathlib.Path(harness.CORPUS or "/nonexistent").rglob("*.eml"))[:40]:
            self.ok(connection.append("letters", None, None, path.read_bytes().replace(b"\0", b"") or mail("empty")))
        count = int(self.ok(connection.select("letters"))[0])

        self.sync()
        self.assertEqual(len(self.files()), count)
        before = self.remote()
        self.sync()
        self.assertEqual(len(self.files()), count)
        self.assertEqual(self.remote(), before, "a second run changes nothing")

        uids = self.ok(connection.uid("SEARCH", "SUBJECT", '"letter 3"'))[0].split()
        self.ok(connection.uid("STORE", uids[0].decode(), "+FLAGS", "(\\Seen \\Flagged)"))
        self.sync()
        (path,) = [path for path in self.files() if b"Subject: letter 3" in path.read_bytes()]
        self.assertIn("S", path.name.rsplit(",", 1)[1])
        self.assertIn("F", path.name.rsplit(",", 1)[1])

        (path,) = [path for path in self.files() if b"Subject: letter 5" in path.read_bytes()]
        path.rename(path.parent.parent / "cur" / (path.name.split(":")[0] + ":2,S"))
        (path,) = [path for path in self.files() if b"Subject: letter 7" in path.read_bytes()]
        path.unlink()
        (self.maildir / "letters" / "new" / "1700000000.made.here").write_bytes(mail("from the Maildir").replace(b"\r\n", b"\n"))
        self.sync()
        connection.noop()
        self.assertTrue(self.ok(connection.search(None, "SUBJECT", '"letter 5"', "SEEN"))[0])
        self.assertFalse(self.ok(connection.search(None, "SUBJECT", '"letter 7"'))[0])
        self.assertTrue(self.ok(connection.search(None, "SUBJECT", '"from the Maildir"'))[0])

        before = self.remote()
        self.sync()
        self.assertEqual(self.remote(), before)
        self.assertTrue(imap_door.search_ready(connection)[0], "messages are still ready for workers")


class MbsyncOverTls(harness.TlsCase, Mbsync):
    def address(self):
        return "localhost", self.port("imaps"), f"SSLType IMAPS\nCertificateFile {self.certificate}"


class MbsyncWithStarttls(harness.TlsCase, Mbsync):
    def address(self):
        return "localhost", self.port("imap"), f"SSLType STARTTLS\nCertificateFile {self.certificate}"


if __name__ == "__main__":
    harness.main()
