"""A queue's policy and counters as METADATA (RFC 5464): what IMAP sets is what gRPC shows, with gRPC's own rules."""
import imaplib

import harness

PREFIX = "/shared/vendor/claimq/"


class Policy(harness.ServerCase):
    def entries(self, queue, *names):
        imap = self.imap()
        self.ok(imap.xatom("GETMETADATA", queue, "(" + " ".join(PREFIX + name for name in names) + ")"))
        answer = b" ".join(part for part in imap.response("METADATA")[1] if part).decode()
        return {name: self.value(answer, PREFIX + name) for name in names}

    def value(self, answer, entry):
        after = answer.split(entry + " ", 1)[1]
        return None if after.startswith("NIL") else after.split('"')[1]

    def set(self, queue, name, value):
        return self.imap().xatom("SETMETADATA", queue, f"({PREFIX}{name} {value})")

    def refused(self, *arguments):
        try:
            status, text = self.set(*arguments)
        except imaplib.IMAP4.error as error:
            return str(error)
        self.assertEqual("NO", status)
        return text[0].decode()

    def test_settings_are_shown_set_and_reset(self):
        queue = self.queue("policy")
        api = self.api()
        self.assertEqual({"lease": "60", "failures-max": "5", "enqueue-paused": "false"},
                         self.entries(queue, "lease", "failures-max", "enqueue-paused"))
        self.ok(self.set(queue, "lease", '"90.5"'))
        self.ok(self.set(queue, "release-on-disconnect", '"true"'))
        policy = api.call("GetQueue", name=queue).queue.policy
        self.assertEqual((90_500, True), (policy.lease_default.ToMilliseconds(), policy.release_on_disconnect))
        self.ok(self.set(queue, "lease", "NIL"))
        self.assertEqual(60_000, api.call("GetQueue", name=queue).queue.policy.lease_default.ToMilliseconds())

    def test_bad_values_get_a_precise_error_and_change_nothing(self):
        queue = self.queue("precise")
        for name, value in (("lease", '"soon"'), ("lease", '"9223372036854775807"'), ("lease", '"0"'), ("failures-max", '"4294967296"'),
                            ("enqueue-paused", '"yes"'), ("ready", '"1"'), ("colour", '"red"')):
            self.assertIn(name.split("-")[0], self.refused(queue, name, value), (name, value))
        self.assertEqual({"lease": "60", "failures-max": "5"}, self.entries(queue, "lease", "failures-max"))

    def test_counters(self):
        queue = self.queue("counted", failures_max=1)
        self.send(queue, "a", "b", "c")
        claim = self.api().call("Claim", queue=queue, worker_id="w", count_max=1).claims[0]
        counted = self.entries(queue, "ready", "claimed", "scheduled", "dead", "oldest-age")
        age = counted.pop("oldest-age")
        self.assertEqual({"ready": "2", "claimed": "1", "scheduled": "0", "dead": "0"}, counted)
        self.assertGreaterEqual(float(age), 0)
        self.api().call("Reject", queue=queue, worker_id="w",
                        claims=[dict(serial=claim.message.serial, token=claim.token)])
        self.assertEqual({"dead": "1", "claimed": "0"}, self.entries(queue, "dead", "claimed"))

    def test_counters_of_dead_letters_are_for_their_readers(self):
        queue = self.queue("half")
        self.api().call("CreateUser", name="eve", password="pw of eve")
        self.ok(self.imap().setacl(queue, "eve", "lr"))
        imap = imaplib.IMAP4("127.0.0.1", int(self.server.imap.rsplit(":", 1)[1]))
        self.addCleanup(imap.shutdown)
        imap.login("eve", "pw of eve")
        self.ok(imap.xatom("GETMETADATA", queue, f"({PREFIX}ready {PREFIX}dead)"))
        answer = b" ".join(part for part in imap.response("METADATA")[1] if part).decode()
        self.assertEqual("0", self.value(answer, PREFIX + "ready"))
        self.assertIsNone(self.value(answer, PREFIX + "dead"))


if __name__ == "__main__":
    harness.main()
