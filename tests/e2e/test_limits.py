"""What is too large, too long or too deep gets its answer, and the server goes on."""
import grpc

import harness
from harness import mail


class Limits(harness.ServerCase):
    arguments = ("--message-bytes-max", "65536", "--imap-connections-max", "20")

    def answer_to(self, connection, line):
        """The tagged answer (tag x), or BYE, or the continuation that was wrongly granted."""
        connection.send(line + b"\r\n")
        while True:
            answer = connection.readline()
            if not answer or not answer.startswith(b"* ") or answer.startswith(b"* BYE"):
                return answer

    def test_message_over_the_limit(self):
        self.queue("small")
        connection = self.imap("small")
        self.assertIn("APPENDLIMIT=65536", connection.capabilities)
        status, data = connection.append("small", None, None, mail("big", "x" * 70_000))
        self.assertEqual(status, "NO")
        self.assertIn(b"TOOBIG", data[0])
        self.ok(connection.noop())
        with self.assertRaises(grpc.RpcError) as caught:
            self.send("small", "x" * 70_000)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(self.api().reason(caught.exception), "MESSAGE_TOO_LARGE")
        self.assertEqual(self.api().call("GetQueue", name="small").queue.messages, 0)

    def test_long_lines_and_literals(self):
        connection = self.imap(self.queue("long"))
        self.assertRegex(self.answer_to(connection, b"x SEARCH SUBJECT " + b"a" * 100_000), rb"^(x BAD|\* BYE)")
        connection = self.imap("long")
        self.assertRegex(self.answer_to(connection, b"x SEARCH SUBJECT {10000000}"), rb"^(x (BAD|NO)|\* BYE)")
        connection = self.imap("long")
        self.assertRegex(self.answer_to(connection, b"x SEARCH " + b"(" * 10_000 + b"ALL" + b")" * 10_000), rb"^(x BAD|\* BYE)")
        self.ok(self.imap("long").noop())

    def test_broken_names_and_dates(self):
        connection = self.imap(self.queue("names"))
        for line in (b'x SELECT "&AAAA"', b'x CREATE "&Jjo"', b'x CREATE "a//b"', b'x SEARCH SENTSINCE 45-Foo-2025', b"x FETCH 0 FLAGS",
                     b"x STORE 1 +FLAGS (\\Recent)", b"x STORE 1 +FLAGS (\\Nonsense)", b"x UID STORE 1 (UNCHANGEDSINCE -1) +FLAGS (\\Seen)",
                     b"x SEARCH CHARSET KLINGON ALL", b"x STATUS names (NONSENSE)"):
            self.assertRegex(self.answer_to(connection, line), rb"^x (BAD|NO) ", line)
        self.ok(connection.noop())

    def test_too_many_connections(self):
        connections = []
        with self.assertRaises(Exception) as caught:
            for _ in range(40):
                connections.append(self.imap())
        self.assertNotIsInstance(caught.exception, AssertionError)
        self.assertGreaterEqual(len(connections), 10)
        self.ok(connections[0].noop())

    def test_unknown_queue(self):
        connection = self.imap()
        for line in (b"x SELECT nowhere", b"x STATUS nowhere (MESSAGES)", b"x DELETE nowhere", b"x RENAME nowhere there"):
            self.assertRegex(self.answer_to(connection, line), rb"^x NO \[NONEXISTENT\]", line)
        status, data = connection.append("nowhere", None, None, mail("x"))
        self.assertEqual(status, "NO")
        self.assertIn(b"TRYCREATE", data[0])


if __name__ == "__main__":
    harness.main()
