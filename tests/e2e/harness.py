"""A claimqd for each test class, in a temporary folder, on ports of its own."""
import os
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "quickstart"))

import imap_door  # noqa: E402
from api import Api  # noqa: E402
from server import Server  # noqa: E402

BIN = pathlib.Path(os.environ.get("CLAIMQ_BIN", ROOT / "build" / "dev"))
LONG = bool(os.environ.get("CLAIMQ_LONG"))
CORPUS = os.environ.get("CLAIMQ_CORPUS")


def eventually(condition, seconds=20, every=0.02):
    """The first true value of condition(); fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not true after {seconds} s")
        time.sleep(every)


def mail(subject, body="body\r\n", extra=""):
    return (f"From: producer@example.org\r\nTo: queue@example.org\r\nSubject: {subject}\r\n"
            f"Date: Tue, 01 Apr 2025 10:00:00 +0000\r\nMessage-ID: <{subject}@example.org>\r\n{extra}\r\n{body}").encode()


def make_certificate(folder, name):
    """A certificate that signs itself, for localhost; its common name tells which one a server shows."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)


class ServerCase(unittest.TestCase):
    """self.server runs from before the first test of the class until after its last."""

    arguments = ()
    password = "pass word"  # A space, so that whoever forgets to quote notices.

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="claimq-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server = Server(BIN / "claimqd", cls.folder / "store", cls.password, arguments=cls.arguments)
        cls.server.start()
        cls.addClassCleanup(lambda: cls.server.kill())

    def api(self):
        api = Api(self.server.grpc, self.server.user, self.server.password)
        self.addCleanup(api.close)
        return api

    def imap(self, mailbox=None):
        connection = imap_door.connect(self.server, mailbox)

        def close():
            try:
                connection.logout()
            except Exception:  # The server may be gone: nothing is left to close.
                pass
        self.addCleanup(close)
        return connection

    def queue(self, name, **policy):
        """Makes a queue; durations of its policy in seconds, as lease_default=5."""
        api = self.api()
        message = api.pb.admin.QueuePolicy()
        for field, value in policy.items():
            target = getattr(message, field)
            if hasattr(target, "FromMilliseconds"):
                target.FromMilliseconds(int(value * 1000))
            else:
                setattr(message, field, value)
        api.call("CreateQueue", name=name, policy=message)
        return name

    def send(self, queue, *bodies):
        api = self.api()
        messages = [api.pb.message.Message(key=body[:100], content_type="text/plain", body=body.encode()) for body in bodies]
        return list(api.call("Enqueue", queue=queue, messages=messages).serials)

    def ok(self, answer):
        self.assertEqual(answer[0], "OK", answer)
        return answer[1]

    def claimq(self, *arguments, input=None, user=None, password=None, env=None, server=None):
        """Runs the CLI against the server; (exit code, stdout, stderr)."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CLAIMQ_")}
        environment["CLAIMQ_PASSWORD"] = self.server.password if password is None else password
        environment.update(env or {})
        command = [str(BIN / "claimq"), "--server", server or self.server.grpc, "--user", user or self.server.user, *arguments]
        done = subprocess.run(command, input=input, capture_output=True, text=True, env=environment, timeout=60)
        return done.returncode, done.stdout, done.stderr


class TlsCase(ServerCase):
    """The same with a certificate for localhost: STARTTLS at the door "imap", TLS from the first byte at "imaps" and "grpcs"."""

    more_arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.certificates = pathlib.Path(tempfile.mkdtemp(prefix="claimq-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.certificates, ignore_errors=True)
        make_certificate(cls.certificates, "first")
        cls.certificate = cls.certificates / "cert.pem"
        cls.arguments = ("--tls-certificate", str(cls.certificate), "--tls-key", str(cls.certificates / "key.pem"),
                         "--imap-tls-listen", "127.0.0.1:0", "--grpc-tls-listen", "127.0.0.1:0", *cls.more_arguments)
        super().setUpClass()

    def port(self, door):
        return int(json.loads((self.folder / "store" / "endpoints.json").read_text())[door].rsplit(":", 1)[1])

    def context(self):
        return ssl.create_default_context(cafile=self.certificate)


def main():
    unittest.main(verbosity=2, warnings="ignore")  # Sockets of a killed server.
