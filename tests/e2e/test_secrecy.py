"""The log at its most talkative, and the secrets that went through the server: none is in it. Also, each way to log in from outside."""
import base64
import hashlib
import hmac
import imaplib
import json
import os
import pathlib
import re
import shutil
import signal
import tempfile
import time

import grpc

from harness import ServerCase, eventually, imap_door, main

ISSUER = "https://id.example.org"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_token(secret, **claims):
    claims = {"iss": ISSUER, "sub": "admin", "exp": int(time.time()) + 300, **claims}
    signed = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + "." + base64url(json.dumps(claims).encode())
    return signed + "." + base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())


class Scram:
    """The client's side of SCRAM-SHA-256 (RFC 7677), for imaplib's authenticate()."""

    def __init__(self, user, password):
        self.password = password.encode()
        self.bare = f"n={user},r={base64url(os.urandom(18))}"
        self.said = []
        self.verified = False

    def __call__(self, challenge):
        challenge = challenge.decode()
        self.said += [challenge] if challenge else []
        answer = self._answer(challenge)
        self.said += [answer] if answer else []
        return answer.encode()

    def _answer(self, challenge):
        if not challenge:
            return "n,," + self.bare
        if challenge.startswith("v="):
            self.verified = challenge[2:] == self.signature
            return ""
        parts = dict(part.split("=", 1) for part in challenge.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(parts["s"]), int(parts["i"]))
        final = "c=biws,r=" + parts["r"]
        messages = ",".join((self.bare, challenge, final)).encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        proof = bytes(a ^ b for a, b in zip(key, hmac.digest(hashlib.sha256(key).digest(), messages, "sha256")))
        self.signature = base64.b64encode(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), messages, "sha256")).decode()
        return final + ",p=" + base64.b64encode(proof).decode()


class Secrecy(ServerCase):
    password = "pass word of e2e"

    @classmethod
    def setUpClass(cls):
        cls.keys = pathlib.Path(tempfile.mkdtemp(prefix="claimq-keys-"))
        cls.addClassCleanup(shutil.rmtree, cls.keys, ignore_errors=True)
        cls.secret = base64url(os.urandom(48)).encode()
        (cls.keys / "main.secret").write_bytes(cls.secret + b"\n")
        cls.arguments = ("--log-level", "debug", "--drain-seconds", "0", "--token-keys", str(cls.keys), "--token-issuer", ISSUER)
        super().setUpClass()

    def setUp(self):
        self.secrets = {self.password, self.secret.decode()}

    def keep(self, *secrets):
        self.secrets.update(secrets)
        return secrets[0]

    def authenticate(self, mechanism, respond):
        """True when it logs in. What is said is kept."""
        host, port = self.server.imap_address
        connection = imaplib.IMAP4(host, port, timeout=60)
        self.addCleanup(imap_door.drop, connection)
        self.assertIn("AUTH=" + mechanism, connection.capabilities)
        try:
            connection.authenticate(mechanism, respond)
            return True
        except imaplib.IMAP4.error:
            return False

    def plain(self, password):
        message = self.keep(f"\0{self.server.user}\0{password}")
        self.keep(base64.b64encode(message.encode()).decode())
        return self.authenticate("PLAIN", lambda _: message.encode())

    def bearer(self, mechanism, token):
        self.keep(token, *token.split("."))
        start = "n,," if mechanism == "OAUTHBEARER" else "user=admin"
        message = f"{start}\1auth=Bearer {token}\1\1"
        self.keep(base64.b64encode(message.encode()).decode())
        answers = [message.encode()]
        return self.authenticate(mechanism, lambda _: answers.pop() if answers else b"\1")

    def scram(self, user, password):
        client = Scram(user, password)
        logged_in = self.authenticate("SCRAM-SHA-256", client)
        self.keep(*client.said, *(base64.b64encode(text.encode()).decode() for text in client.said))
        self.assertEqual(logged_in, client.verified)
        return logged_in

    def call(self, authorization):
        """The code with which gRPC answers."""
        self.keep(authorization, authorization.split(" ", 1)[1])
        api = self.api()
        api.metadata = (("authorization", authorization),)
        try:
            api.call("GetServerInfo")
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            return error.code()

    def expect_silence(self):
        self.server.stop()
        log = "".join(self.server.log)
        self.assertIn("event=session_ends", log)
        for secret in self.secrets:
            self.assertNotIn(secret, log)
            self.assertNotIn(secret.replace("\\", "\\\\").replace('"', '\\"'), log)
        self.server.start()

    def test_logins(self):
        self.assertTrue(self.plain(self.password))
        self.assertFalse(self.plain(self.keep("a wrong horse")))
        self.assertTrue(self.scram("admin", self.password))
        self.assertFalse(self.scram("admin", "a wrong horse"))
        self.assertFalse(self.scram("nobody", self.password))
        good, expired, forged = make_token(self.secret), make_token(self.secret, exp=1), make_token(b"x" * 32)
        for mechanism in ("OAUTHBEARER", "XOAUTH2"):
            self.assertTrue(self.bearer(mechanism, good))
            self.assertFalse(self.bearer(mechanism, expired))
            self.assertFalse(self.bearer(mechanism, forged))
        basic = base64.b64encode(f"admin:{self.password}".encode()).decode()
        wrong = base64.b64encode(b"admin:a wrong horse").decode()
        for authorization, code in (("Bearer " + good, grpc.StatusCode.OK), ("Bearer " + forged, grpc.StatusCode.UNAUTHENTICATED),
                                    ("Basic " + basic, grpc.StatusCode.OK), ("Basic " + wrong, grpc.StatusCode.UNAUTHENTICATED),
                                    ("Basic not=base64", grpc.StatusCode.UNAUTHENTICATED)):
            self.assertEqual(code, self.call(authorization))
        self.expect_silence()

    def salt(self, user):
        """What the server sends for `user` before it has seen a proof."""
        client = Scram(user, "x")
        host, port = self.server.imap_address
        connection = imaplib.IMAP4(host, port, timeout=60)
        self.addCleanup(imap_door.drop, connection)
        self.assertRaises(imaplib.IMAP4.error, connection.authenticate, "SCRAM-SHA-256", client)
        return client.said[1].split(",", 1)[1]

    def test_users_who_are_not_there_look_the_same_after_a_restart(self):
        salts = {user: self.salt(user) for user in ("admin", "nobody", "somebody")}
        self.assertEqual(3, len(set(salts.values())))
        self.assertEqual(1, len({re.sub("s=[^,]*", "", salt) for salt in salts.values()}))
        self.assertEqual(0, self.server.stop())
        self.server.start()
        for user, salt in salts.items():
            self.assertEqual(salt, self.salt(user))
        secret = self.folder / "store" / "login.secret"
        self.assertEqual((0o600, 32), (secret.stat().st_mode & 0o777, secret.stat().st_size))

    def test_keys_of_tokens_are_read_again(self):
        fresh = base64url(os.urandom(48)).encode()
        self.assertFalse(self.bearer("OAUTHBEARER", make_token(fresh)))
        try:
            (self.keys / "main.secret").write_bytes(fresh)
            self.server.process.send_signal(signal.SIGHUP)
            eventually(lambda: self.bearer("OAUTHBEARER", make_token(fresh)), every=0.3)
            self.assertFalse(self.bearer("OAUTHBEARER", make_token(self.secret)))
            (self.keys / "main.secret").write_bytes(b"short")
            self.server.process.send_signal(signal.SIGHUP)
            eventually(lambda: "token_keys_not_reloaded" in "".join(self.server.log))
            self.assertTrue(self.bearer("OAUTHBEARER", make_token(fresh)))
        finally:
            (self.keys / "main.secret").write_bytes(self.secret + b"\n")
            self.server.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.bearer("OAUTHBEARER", make_token(self.secret)), every=0.3)

    def test_messages(self):
        self.keep("battery-staple", base64.b64encode(b"battery-staple").decode())
        queue = self.queue("secret")
        api = self.api()
        message = api.pb.message.Message(key="battery-staple", content_type="text/battery-staple", body=b"battery-staple",
                                         attributes={"a": "battery-staple"})
        api.call("Enqueue", queue=queue, messages=[message])
        claim = api.claim(queue, "worker")[0]
        api.call("Reject", queue=queue, worker_id="worker", claims=[api.ref(claim)], reason="battery-staple")
        with self.assertRaises(grpc.RpcError):
            api.call("CreateUser", name="battery staple", password="battery-staple")
        api.call("CreateUser", name="kurt", password="battery-staple")
        api.call("SetPassword", name="kurt", password="battery-staple 2")
        imap = self.imap("INBOX")
        self.ok(imap.append("INBOX", None, None, b"Subject: battery-staple\r\n\r\nbattery-staple\r\n"))
        self.assertIn(b"battery-staple", repr(imap.uid("FETCH", "1:*", "(ENVELOPE BODY.PEEK[])")).encode())
        self.ok(imap.search(None, "TEXT", '"battery-staple"'))
        self.ok(imap.xatom("SETMETADATA", "INBOX", '(/private/comment "battery-staple")'))
        self.expect_silence()


if __name__ == "__main__":
    main()
