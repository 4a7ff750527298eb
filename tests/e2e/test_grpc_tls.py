"""gRPC over TLS with grpcio and the claimq command: whom each side believes, and a new certificate by SIGHUP."""
import base64
import hmac
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import grpc

from harness import BIN, TlsCase, eventually, make_certificate

OK, FAILED, USAGE, NOT_FOUND, CANNOT_CONNECT = range(5)


class GrpcTlsCase(TlsCase):
    def address(self):
        return f"localhost:{self.port('grpcs')}"

    def channel(self, ca=None, certificate=None, key=None):
        credentials = grpc.ssl_channel_credentials((ca or self.certificate).read_bytes(), key, certificate)
        channel = grpc.secure_channel(self.address(), credentials, options=[("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(channel.close)
        return channel

    def info(self, channel, timeout=20):
        """GetServerInfo over `channel`, by Basic."""
        api = self.api()
        stub = api.pb.admin_grpc.AdminServiceStub(channel)
        return stub.GetServerInfo(api.pb.admin.GetServerInfoRequest(), timeout=timeout, metadata=api.metadata)

    def tool(self, *arguments, server=None, **options):
        return self.claimq(*arguments, server=server or self.address(), **options)


class GrpcTls(GrpcTlsCase):
    def shown(self, *options):
        done = subprocess.run(["openssl", "s_client", "-alpn", "h2", "-connect", self.address(), *options], input=b"",
                              capture_output=True, timeout=30)
        return done.stdout.decode(errors="replace")

    def test_calls_and_streams(self):
        api = self.api()
        self.queue("tls")
        channel = self.channel()
        self.assertTrue(self.info(channel).writable)
        stub = api.pb.queue_grpc.QueueServiceStub(channel)
        stub.Enqueue(api.pb.queue.EnqueueRequest(queue="tls", messages=[api.pb.message.Message(body=b"x" * 1_000_000)]),
                     metadata=api.metadata, timeout=30)
        requests = iter([api.pb.queue.WorkRequest(start=api.pb.queue.WorkStart(queue="tls", worker_id="w")),
                         api.pb.queue.WorkRequest(credit=api.pb.queue.WorkCredit(messages=1))])
        for response in stub.Work(requests, metadata=api.metadata, timeout=30):
            self.assertEqual(1_000_000, len(response.claims[0].message.message.body))
            break

    def test_old_protocols_are_refused(self):
        self.assertIn("Cipher is (NONE)", self.shown("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
        for version in ("-tls1_2", "-tls1_3"):
            self.assertNotIn("Cipher is (NONE)", self.shown(version))

    def test_who_does_not_believe_the_server_says_why(self):
        other = self.folder / "other"
        other.mkdir(exist_ok=True)
        make_certificate(other, "other")
        with self.assertRaises(grpc.RpcError) as raised:
            self.info(self.channel(ca=other / "cert.pem"))
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, raised.exception.code())
        code, _, err = self.tool("--tls-ca", str(other / "cert.pem"), "status")
        self.assertEqual(CANNOT_CONNECT, code)
        self.assertIn("is not signed by", err)
        code, _, err = self.tool("--tls", "status")
        self.assertEqual(CANNOT_CONNECT, code)
        self.assertIn("--tls-ca", err)

    def test_each_port_speaks_what_it_speaks(self):
        code, _, err = self.tool("status")
        self.assertEqual(CANNOT_CONNECT, code)
        self.assertIn("--tls", err)
        code, _, err = self.tool("--tls-ca", str(self.certificate), "status", server=self.server.grpc)
        self.assertEqual(CANNOT_CONNECT, code)
        self.assertIn("does not speak TLS", err)

    def test_the_command(self):
        trust = ("--tls-ca", str(self.certificate))
        code, out, err = self.tool(*trust, "status")
        self.assertEqual(OK, code, err)
        code, out, err = self.tool(*trust, "status", server=f"127.0.0.1:{self.port('grpcs')}")
        self.assertEqual(OK, code, err)
        code, out, err = self.tool("--tls-ca", "/nowhere", "status")
        self.assertEqual(USAGE, code)
        self.assertIn("/nowhere", err)
        code, out, err = self.tool("--tls-certificate", str(self.certificate), "status")
        self.assertEqual(USAGE, code)
        self.assertIn("--tls-key", err)
        # The certificate is for localhost and 127.0.0.1 only.
        code, out, err = self.tool(*trust, "--tls-server-name", "queue.example.org", "status")
        self.assertEqual(CANNOT_CONNECT, code)
        self.assertIn("--tls-server-name", err)
        environment = {"CLAIMQ_TLS_CA": str(self.certificate)}
        code, out, err = self.tool("status", env=environment)
        self.assertEqual(OK, code, err)

    def test_bench(self):
        password = self.folder / "bench.password"
        password.write_text(self.server.password + "\n")
        done = subprocess.run([BIN / "claimq-bench", "--server", self.address(), "--tls-ca", self.certificate, "--password-file", password,
                               "--workload", "W1", "--messages", "50"], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)


class Reload(GrpcTlsCase):
    def reload(self, logged):
        self.server.log.clear()
        self.server.process.send_signal(signal.SIGHUP)
        eventually(lambda: any(logged in line for line in self.server.log))

    def test_a_new_certificate_by_sighup(self):
        old = self.folder / "old.pem"
        shutil.copy(self.certificate, old)
        before = self.channel()
        self.info(before)
        make_certificate(self.certificates, "second")
        self.reload("certificates_reloaded")
        self.info(self.channel())
        self.info(before)
        with self.assertRaises(grpc.RpcError):
            self.info(self.channel(ca=old))
        # A file that is no certificate, or not the key's, changes nothing.
        second = self.certificate.read_bytes()
        for broken in (b"this is no certificate\n", old.read_bytes()):
            self.certificate.write_bytes(broken)
            self.reload("certificates_not_reloaded")
            good = self.folder / "good.pem"
            good.write_bytes(second)
            self.info(self.channel(ca=good))
            self.info(before)


class ClientCertificates(GrpcTlsCase):
    """A certificate of admin that signs itself, and so is its own authority."""

    @classmethod
    def setUpClass(cls):
        cls.own = pathlib.Path(tempfile.mkdtemp(prefix="claimq-own-"))
        cls.addClassCleanup(shutil.rmtree, cls.own, ignore_errors=True)
        make_certificate(cls.own, "admin")
        cls.more_arguments = ("--tls-client-ca", str(cls.own / "cert.pem"))
        super().setUpClass()

    def shows(self, folder):
        return ("--tls-ca", str(self.certificate), "--tls-certificate", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem"))

    def test_a_certificate_instead_of_a_password(self):
        code, out, err = self.tool(*self.shows(self.own), "user", "list", password="")
        self.assertEqual(OK, code, err)
        self.assertIn("admin", out)

    def test_one_that_nobody_signed_is_refused(self):
        other = self.folder / "stranger"
        other.mkdir()
        make_certificate(other, "admin")
        code, _, err = self.tool(*self.shows(other), "user", "list", password="")
        self.assertEqual(CANNOT_CONNECT, code)


def token(user, secret, seconds):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    claims = {"iss": "e2e", "sub": user, "exp": int(time.time()) + seconds}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.new(secret, signed, "sha256").digest())).decode()


class Tokens(GrpcTlsCase):
    secret = b"a secret of thirty-two bytes 123"

    @classmethod
    def setUpClass(cls):
        keys = pathlib.Path(tempfile.mkdtemp(prefix="claimq-keys-"))
        cls.addClassCleanup(shutil.rmtree, keys, ignore_errors=True)
        (keys / "e2e.secret").write_bytes(cls.secret)
        cls.more_arguments = ("--token-keys", str(keys), "--token-issuer", "e2e")
        super().setUpClass()

    def test_a_token_instead_of_a_password(self):
        trust = ("--tls-ca", str(self.certificate))
        good = self.folder / "token"
        good.write_text(token("admin", self.secret, 60) + "\n")
        code, out, err = self.tool(*trust, "--token-file", str(good), "user", "list", password="")
        self.assertEqual(OK, code, err)
        self.assertIn("admin", out)
        for refused in (token("admin", self.secret, -60), token("nobody", self.secret, 60), token("admin", b"x" * 32, 60)):
            code, _, err = self.tool(*trust, "user", "list", password="", env={"CLAIMQ_TOKEN": refused})
            self.assertEqual(6, code, err)


class Refusals(unittest.TestCase):
    """What claimqd says before it starts."""

    def refused(self, *arguments):
        done = subprocess.run([BIN / "claimqd", "--data-dir", "/nowhere", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(2, done.returncode, done.stderr)
        return done.stderr

    def test_options_that_do_not_go_together(self):
        self.assertIn("grpc.tls_listen: needs tls.certificate", self.refused("--grpc-tls-listen", "0.0.0.0:7144"))
        self.assertIn("grpc.tls_listen has", self.refused("--grpc-listen", "0.0.0.0:7143"))


if __name__ == "__main__":
    unittest.main()
