"""IMAP over TLS with clients that are not ours: openssl s_client, imaplib, curl; and a new certificate by SIGHUP."""
import imaplib
import signal
import subprocess
import unittest

from harness import TlsCase, eventually, mail, make_certificate


class Tls(TlsCase):
    def shown(self, *options, door="imaps"):
        """What `openssl s_client` says of the server that it finds there."""
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port(door)}", "-crlf", *options],
                              input=b"a LOGOUT\r\n", capture_output=True, timeout=30)
        return done.stdout.decode()

    def test_s_client_sees_the_certificate_on_both_ports(self):
        self.assertIn("CN = first", self.shown())
        self.assertIn("CN = first", self.shown("-starttls", "imap", door="imap"))

    def test_old_protocols_are_refused(self):
        self.assertIn("Cipher is (NONE)", self.shown("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
        self.assertNotIn("Cipher is (NONE)", self.shown("-tls1_2"))

    def test_imaplib_over_tls_and_starttls(self):
        self.queue("tls")
        with imaplib.IMAP4_SSL("localhost", self.port("imaps"), ssl_context=self.context()) as imap:
            imap.login(self.server.user, self.server.password)
            for number in range(50):
                imap.append("tls", None, None, mail(f"message-{number}", "x" * 20_000 + "\r\n"))
            imap.select("tls")
            fetched = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
            self.assertEqual(50, sum(isinstance(part, tuple) for part in fetched))
        with imaplib.IMAP4("localhost", self.port("imap")) as imap:
            self.assertIn("STARTTLS", imap.capabilities)
            imap.starttls(self.context())
            self.assertNotIn("STARTTLS", imap.capability()[1][0].decode().split())
            imap.login(self.server.user, self.server.password)
            self.assertEqual(("OK", [b"50"]), imap.select("tls"))

    def test_curl(self):
        listed = subprocess.run(["curl", "-sS", "--cacert", self.certificate, "-u",
                                 f"{self.server.user}:{self.server.password}", f"imaps://localhost:{self.port('imaps')}/"],
                                capture_output=True, timeout=30, check=True)
        self.assertIn(b"INBOX", listed.stdout)


class Reload(Tls):
    """The tests of Tls again are the point: they pass after a reload too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        open_before = connection_of(case)
        make_certificate(cls.certificates, "second")
        cls.server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "CN = second" in case.shown())
        # A file that is no certificate changes nothing.
        good = cls.certificate.read_bytes()
        cls.certificate.write_text("this is no certificate\n")
        cls.server.process.send_signal(signal.SIGHUP)
        eventually(lambda: any("certificates_not_reloaded" in line for line in cls.server.log))
        assert "CN = second" in case.shown()
        cls.certificate.write_bytes(good)
        assert open_before.noop()[0] == "OK", "a connection from before the reload goes on"
        open_before.logout()

    def test_s_client_sees_the_certificate_on_both_ports(self):
        self.assertIn("CN = second", self.shown())
        self.assertIn("CN = second", self.shown("-starttls", "imap", door="imap"))


def connection_of(case):
    return imaplib.IMAP4_SSL("localhost", case.port("imaps"), ssl_context=case.context())


if __name__ == "__main__":
    unittest.main()
