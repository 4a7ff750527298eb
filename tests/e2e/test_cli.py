"""Every verb of the claimq command: done, refused, not found, wrong usage."""
import json

import harness

OK, FAILED, USAGE, NOT_FOUND, CANNOT_CONNECT, NOTHING_READY, NO_RIGHT = range(7)


class Cli(harness.ServerCase):
    def run_ok(self, *arguments, **options):
        code, out, err = self.claimq(*arguments, **options)
        self.assertEqual(code, OK, err)
        return out

    def run_json(self, *arguments, **options):
        return json.loads(self.run_ok("--json", *arguments, **options))

    def fails(self, expected, *arguments, reason=None, **options):
        code, out, err = self.claimq(*arguments, **options)
        self.assertEqual(code, expected, out + err)
        self.assertTrue(err.strip())
        if reason:
            self.assertIn(reason, err)
        return err

    def test_queue_verbs(self):
        self.assertIn("Created queue verbs", self.run_ok("queue", "create", "verbs", "--lease", "2m", "--failures-max", "3"))
        self.fails(FAILED, "queue", "create", "verbs")
        shown = self.run_json("queue", "show", "verbs")
        self.assertEqual((shown["policy"]["lease_default_ms"], shown["policy"]["failures_max"]), (120_000, 3))
        self.run_ok("queue", "set", "verbs", "--claim-paused", "true")
        self.assertTrue(self.run_json("queue", "show", "verbs")["policy"]["claim_paused"])
        self.assertIn("verbs", [queue["name"] for queue in self.run_json("queue", "list")])
        self.assertIn("verbs/Dead", self.run_ok("queue", "list", "verbs"))
        self.assertIn("claims paused", self.run_ok("queue", "list", "verbs"))
        self.fails(NOT_FOUND, "queue", "show", "nowhere", reason="QUEUE_NOT_FOUND")
        self.fails(NOT_FOUND, "queue", "set", "nowhere", "--lease", "1m")
        self.fails(NOT_FOUND, "queue", "delete", "nowhere")
        self.fails(USAGE, "queue", "create")
        self.fails(USAGE, "queue", "create", "x", "--lease", "tomorrow")
        self.fails(FAILED, "queue", "create", "bad//name")
        self.run_ok("queue", "delete", "verbs", "--force")
        self.fails(NOT_FOUND, "queue", "show", "verbs")

    def test_send_and_receive(self):
        self.run_ok("queue", "create", "mail")
        folder = self.folder / "payloads"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.json").write_text('{"a": 1}')
        (folder / "sub" / "b.eml").write_bytes(harness.mail("b"))
        self.assertEqual(self.run_json("send", "mail", str(folder), "--attribute", "source=test")["enqueued"], 2)
        self.assertIn("Enqueued 1 message", self.run_ok("send", "mail", "-m", "hello"))
        self.assertEqual(self.run_json("send", "mail", "--lines", input="one\ntwo\nthree\n")["enqueued"], 3)
        self.run_ok("send", "mail", "-", input="from stdin")
        first = self.run_json("receive", "mail", "--ack")
        self.assertEqual((first["attributes"]["source"], first["attributes"]["filename"], first["body"]), ("test", "a.json", '{"a": 1}'))
        out = self.run_ok("--json", "receive", "mail", "--count", "10", "--ack").splitlines()
        self.assertEqual(len(out), 6)
        code, _, _ = self.claimq("receive", "mail")
        self.assertEqual(code, NOTHING_READY)
        code, _, _ = self.claimq("receive", "mail", "--wait", "100ms")
        self.assertEqual(code, NOTHING_READY)
        self.fails(NOT_FOUND, "receive", "nowhere")
        self.fails(NOT_FOUND, "send", "nowhere", "-m", "x")
        self.fails(FAILED, "send", "mail", str(self.folder / "no such file"))
        self.fails(USAGE, "send", "mail", "-m", "x", "--priority", "11")
        self.fails(USAGE, "send", "mail", "-m", "x", "--attribute", "nothing")

    def test_receive_to_files(self):
        self.run_ok("queue", "create", "files")
        self.run_ok("send", "files", "-m", "x", "-m", "y", "--attribute", "filename=../../escape.txt")
        target = self.folder / "out"
        self.run_ok("receive", "files", "--count", "2", "--ack", "--output", str(target))
        self.assertEqual(sorted(path.read_text() for path in target.iterdir()), ["x", "y"])

    def test_settlements(self):
        self.run_ok("queue", "create", "settle", "--backoff", "10ms")
        self.run_ok("send", "settle", "-m", "a")
        claim = self.run_json("receive", "settle")
        self.fails(FAILED, "ack", "settle", str(claim["serial"]), str(claim["token"] + 1), reason="LEASE_LOST")
        self.run_ok("release", "settle", str(claim["serial"]), str(claim["token"]))
        claim = self.run_json("receive", "settle")
        extended = self.run_json("extend", "settle", str(claim["serial"]), str(claim["token"]), "--lease", "5m")
        self.assertGreater(extended["token"], claim["token"])
        self.run_ok("fail", "settle", str(claim["serial"]), str(extended["token"]), "--reason", "why", "--delay", "1ms")
        claim = self.run_json("receive", "settle", "--wait", "10s")
        self.assertEqual(claim["failures"], 1)
        self.assertIn("settle/Dead", self.run_ok("reject", "settle", str(claim["serial"]), str(claim["token"]), "--reason", "no"))
        self.fails(NOT_FOUND, "ack", "settle", str(claim["serial"]), str(claim["token"]), reason="MESSAGE_GONE")
        self.fails(NOT_FOUND, "ack", "nowhere", "1", "1")
        self.fails(USAGE, "ack", "settle", "x", "1")

    def test_peek_and_tail(self):
        self.run_ok("queue", "create", "look")
        self.assertIn("empty", self.run_ok("peek", "look"))
        self.run_ok("send", "look", "-m", "one", "-m", "two")
        self.assertEqual([message["body"] for message in self.run_json("peek", "look")], ["one", "two"])
        self.assertEqual(len(self.run_json("peek", "look", "--count", "1")), 1)
        self.assertIn("one", self.run_ok("peek", "look"))
        lines = self.run_ok("--json", "tail", "look", "--after", "1", "--count", "2").splitlines()
        self.assertEqual([json.loads(line)["change"] for line in lines], ["changed", "changed"])
        self.fails(NOT_FOUND, "peek", "nowhere")
        self.fails(NOT_FOUND, "tail", "nowhere")
        self.fails(USAGE, "peek", "look", "--count", "0")

    def test_search_and_get(self):
        self.run_ok("queue", "create", "find")
        self.run_ok("send", "find", "-m", "alpha", "-m", "bravo")
        (found,) = self.run_json("search", "find", "BODY bravo")
        self.assertEqual(found["body"], "bravo")
        self.assertIn("bravo", self.run_ok("search", "find", "BODY bravo"))
        self.assertIn("Nothing matches", self.run_ok("search", "find", "BODY charlie"))
        self.assertIn("bravo", self.run_ok("get", "find", str(found["serial"])))
        self.assertEqual(self.run_json("get", "find", str(found["serial"]))["body"], "bravo")
        self.assertIn("Claimq-Version: 1", self.run_ok("get", "find", str(found["serial"]), "--raw"))
        self.fails(NOT_FOUND, "get", "find", str(found["serial"] + 1), reason="MESSAGE_GONE")
        self.fails(NOT_FOUND, "get", "nowhere", "1")
        self.fails(NOT_FOUND, "search", "nowhere", "ALL")
        self.fails(FAILED, "search", "find", "NONSENSE", reason="NONSENSE")
        self.fails(USAGE, "search", "find")
        self.fails(USAGE, "get", "find", "x")

    def test_purge_and_redrive(self):
        self.run_ok("queue", "create", "clean")
        self.run_ok("send", "clean", "-m", "good", "-m", "bad", "-m", "held")
        for _ in range(2):
            claim = self.run_json("receive", "clean")
            self.run_ok("reject", "clean", str(claim["serial"]), str(claim["token"]), "--reason", "no")
        self.run_ok("receive", "clean")
        self.assertIn("Moved 1 message of 2 examined", self.run_ok("redrive", "clean", "--search", "BODY good"))
        self.assertEqual(self.run_json("redrive", "clean/Dead", "--to", "clean"), {"examined": 1, "moved": 1, "held": 0, "homeless": 0, "refused": 0})
        self.fails(USAGE, "purge", "clean")
        self.fails(USAGE, "purge", "clean", "--all", "--search", "ALL")
        self.assertEqual(self.run_json("purge", "clean", "--search", "BODY good"), {"examined": 3, "removed": 1, "held": 0})
        self.assertIn("1 message left to the workers", self.run_ok("purge", "clean", "--all"))
        self.fails(FAILED, "purge", "clean", "--search", "1:3")
        self.fails(NOT_FOUND, "purge", "nowhere", "--all")
        self.fails(NOT_FOUND, "redrive", "nowhere")
        self.fails(NOT_FOUND, "redrive", "clean/Dead", "--to", "nowhere")
        self.run_ok("queue", "create", "elsewhere", "--dead-letters", "clean")
        self.fails(USAGE, "redrive", "elsewhere")

    def test_users_and_rights(self):
        password = self.folder / "bob.password"
        password.write_text("bobs secret\n")
        self.run_ok("user", "add", "bob", "--new-password-file", str(password))
        self.fails(FAILED, "user", "add", "bob", "--new-password-file", str(password))
        generated = self.run_json("user", "add", "carol")["password"]
        self.assertGreater(len(generated), 10)
        self.assertEqual({"admin", "bob", "carol"} - {user["name"] for user in self.run_json("user", "list")}, set())
        self.run_ok("queue", "create", "shared")
        self.fails(NOT_FOUND, "peek", "shared", user="bob", password="bobs secret")
        self.run_ok("acl", "shared", "set", "bob", "lr")
        self.run_ok("peek", "shared", user="bob", password="bobs secret")
        self.fails(NO_RIGHT, "send", "shared", "-m", "x", user="bob", password="bobs secret")
        self.fails(NO_RIGHT, "user", "list", user="bob", password="bobs secret")
        self.fails(NO_RIGHT, "peek", "shared", user="bob", password="wrong")
        self.assertIn({"identifier": "bob", "rights": "lr"}, self.run_json("acl", "shared"))
        self.fails(FAILED, "acl", "shared", "set", "bob", "q")
        self.run_ok("acl", "shared", "remove", "bob")
        self.fails(NOT_FOUND, "peek", "shared", user="bob", password="bobs secret")
        password.write_text("another secret\n")
        self.run_ok("user", "passwd", "bob", "--new-password-file", str(password))
        self.fails(NO_RIGHT, "user", "list", user="bob", password="another secret")
        self.fails(NOT_FOUND, "user", "passwd", "nobody", "--new-password-file", str(password))
        self.run_ok("user", "remove", "bob")
        self.fails(NOT_FOUND, "user", "remove", "bob")
        self.fails(NOT_FOUND, "acl", "nowhere")

    def test_status_help_and_no_server(self):
        self.assertEqual(self.run_json("status")["imap_address"], self.server.imap)
        self.assertIn("takes writes", self.run_ok("status"))
        self.run_ok("--help")
        self.run_ok("--version")
        self.fails(USAGE)
        self.fails(USAGE, "frobnicate")
        server, self.server.grpc = self.server.grpc, "127.0.0.1:1"
        try:
            self.fails(CANNOT_CONNECT, "status")
        finally:
            self.server.grpc = server
        code, out, _ = self.claimq("--json", "peek", "nowhere")
        self.assertEqual((code, out), (NOT_FOUND, ""))

    def test_errors_are_json_too(self):
        code, _, err = self.claimq("--json", "queue", "show", "nowhere")
        self.assertEqual(code, NOT_FOUND)
        self.assertEqual(json.loads(err)["error"]["reason"], "QUEUE_NOT_FOUND")


if __name__ == "__main__":
    harness.main()
