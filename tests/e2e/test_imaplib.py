"""Python's imaplib against every main command, and the claim by conditional STORE."""
import imaplib
import select
import threading

import harness
import imap_door
from harness import mail


class Commands(harness.ServerCase):
    def test_capabilities_and_login(self):
        connection = imaplib.IMAP4(*self.server.imap_address)
        for name in ("IMAP4REV1", "CONDSTORE", "IDLE", "UIDPLUS", "MOVE", "UNSELECT", "NAMESPACE", "ENABLE", "ESEARCH", "LITERAL-"):
            self.assertIn(name, connection.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            connection.login("admin", "wrong")
        connection.login(self.server.user, imap_door.quoted(self.server.password).strip('"'))
        self.ok(connection.noop())
        self.assertEqual(connection.logout()[0], "BYE")

    def test_authenticate_plain(self):
        connection = imaplib.IMAP4(*self.server.imap_address)
        self.ok(connection.authenticate("PLAIN", lambda _: f"\0{self.server.user}\0{self.server.password}".encode()))
        connection.logout()

    def test_mailboxes(self):
        connection = self.imap()
        self.ok(connection.create("boxes"))
        self.ok(connection.create("boxes/inner"))
        self.ok(connection.subscribe("boxes/inner"))
        names = b"\n".join(line for line in self.ok(connection.list('""', "boxes*")) if line)
        self.assertIn(b"boxes", names)
        self.assertIn(b"boxes/inner", names)
        self.assertIn(b"boxes/inner", b"\n".join(line for line in self.ok(connection.lsub('""', "*")) if line))
        self.ok(connection.rename("boxes/inner", "boxes/other"))
        self.ok(connection.unsubscribe("boxes/inner"))
        self.assertIn(b"MESSAGES 0", self.ok(connection.status("boxes/other", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)"))[0])
        self.ok(connection.delete("boxes/other"))
        self.assertEqual(connection.select("boxes/other")[0], "NO")
        self.assertIn(b"/", self.ok(connection.namespace())[0])

    def test_append_fetch_search_copy_move_expunge(self):
        connection = self.imap()
        self.ok(connection.create("work"))
        self.ok(connection.create("copies"))
        for number in range(5):
            answer = connection.append("work", "(\\Seen)" if number == 0 else None, None, mail(f"m{number}", f"text {number}\r\n"))
            self.assertIn(b"APPENDUID", self.ok(answer)[0])
        self.assertEqual(self.ok(connection.select("work")), [b"5"])
        self.assertIn("HIGHESTMODSEQ", str(connection.untagged_responses.keys()).upper())
        data = self.ok(connection.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE MODSEQ)"))
        self.assertEqual(len(data), 5)
        self.assertIn(b'"m0"', data[0])
        raw = self.ok(connection.fetch("3", "(BODY.PEEK[])"))[0][1]
        self.assertEqual(raw, mail("m2", "text 2\r\n"))
        part = self.ok(connection.fetch("3", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<0.4>)"))
        self.assertEqual([piece[1] for piece in part if isinstance(piece, tuple)], [b"Subject: m2\r\n\r\n", b"text"])
        self.assertEqual(self.ok(connection.search(None, "SUBJECT", "m4")), [b"5"])
        self.assertEqual(self.ok(connection.search("UTF-8", "TEXT", '"text 1"')), [b"2"])
        self.assertEqual(self.ok(connection.search(None, "SEEN")), [b"1"])
        self.assertIn(b"COPYUID", self.ok(connection.copy("1:2", "copies"))[0])
        self.ok(connection._simple_command("MOVE", "5", "copies"))
        self.assertIn(b"MESSAGES 3", self.ok(connection.status("copies", "(MESSAGES)"))[0])
        self.ok(connection.store("1", "+FLAGS", "(\\Deleted)"))
        connection.response("EXPUNGE")  # What MOVE said.
        self.assertEqual(self.ok(connection.expunge()), [b"1"])
        self.ok(connection.check())
        self.ok(connection.unselect())
        self.ok(connection.select("copies", readonly=True))
        self.assertEqual(connection._simple_command("STORE", "1", "+FLAGS", "(\\Seen)")[0], "NO")
        self.ok(connection.close())

    def test_idle_hears_an_append(self):
        watcher = self.imap()
        self.ok(watcher.create("idle"))
        self.ok(watcher.select("idle"))
        watcher.send(b"x1 IDLE\r\n")
        self.assertTrue(watcher.readline().startswith(b"+"))
        self.ok(self.imap().append("idle", None, None, mail("wake up")))
        self.assertTrue(select.select([watcher.sock], [], [], 10)[0])
        lines = [watcher.readline()]
        while b"EXISTS" not in lines[-1]:
            lines.append(watcher.readline())
        watcher.send(b"DONE\r\n")
        while not lines[-1].startswith(b"x1 "):
            lines.append(watcher.readline())
        self.assertTrue(lines[-1].startswith(b"x1 OK"))

    def test_bad_input_gets_its_answer(self):
        connection = self.imap()
        with self.assertRaises(imaplib.IMAP4.error):
            connection._simple_command("UID", "FROBNICATE")
        for line in (b"b1 FROBNICATE", b"b2 FETCH 1 FLAGS", b"b3 SEARCH " + b"(" * 10_000, b"b4 CREATE \"&Jjo!\"",
                     b"b5 SELECT", b"b6 STATUS nowhere (MESSAGES)", b"b7 APPEND INBOX \"99-Foo-2025 00:00:00 +0000\" {3+}\r\nabc"):
            connection.send(line + b"\r\n")
            answer = connection.readline()
            while answer.startswith(b"*") and not answer.startswith(b"* BYE"):
                answer = connection.readline()
            self.assertRegex(answer, rb"^" + line[:2] + rb" (BAD|NO) ", line[:60])
        self.assertEqual(connection.select("nowhere")[0], "NO")
        self.ok(connection.noop())


class Claims(harness.ServerCase):
    def test_claimed_is_listed_and_searchable(self):
        connection = self.imap(self.queue("flags"))
        self.assertIn(b"\\Claimed", connection.response("FLAGS")[1][0])
        connection.select("flags")
        self.assertIn(b"\\Claimed", connection.response("PERMANENTFLAGS")[1][0])
        self.send("flags", "a", "b")
        connection.noop()
        uids, mod_seq = imap_door.search_ready(connection)
        self.assertEqual(len(uids), 2)
        self.assertTrue(imap_door.claim(connection, uids[0], mod_seq))
        self.assertEqual(imap_door.search_ready(connection)[0], uids[1:])
        self.assertEqual(imap_door.search_ready(connection, "$Claimed")[0], uids[1:])

    def test_loser_is_told_modified_and_shown_the_message(self):
        self.send(self.queue("loser"), "a")
        winner, loser = self.imap("loser"), self.imap("loser")
        (uid,), mod_seq = imap_door.search_ready(loser)
        self.assertTrue(imap_door.claim(winner, uid, mod_seq))
        status, data = loser.uid("STORE", str(uid), f"(UNCHANGEDSINCE {mod_seq})", "+FLAGS.SILENT", "(\\Claimed)")
        self.assertEqual(status, "OK")
        self.assertIn(b"\\Claimed", b" ".join(part for part in data if part))
        self.assertEqual(loser.response("MODIFIED")[1], [str(uid).encode()])
        status, data = loser.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Claimed)")
        self.assertEqual(status, "NO")
        self.assertIn(b"INUSE", data[0])

    def test_release_makes_it_ready_and_an_old_token_stale(self):
        self.send(self.queue("release"), "a")
        first, second = self.imap("release"), self.imap("release")
        (uid,), mod_seq = imap_door.search_ready(first)
        self.assertTrue(imap_door.claim(first, uid, mod_seq))
        self.ok(first.uid("STORE", str(uid), "-FLAGS.SILENT", "(\\Claimed)"))
        self.assertFalse(imap_door.claim(second, uid, mod_seq), "the token of before the release")
        (uid,), mod_seq = imap_door.search_ready(second)
        self.assertTrue(imap_door.claim(second, uid, mod_seq))

    def test_seen_by_an_operator_spoils_no_token(self):
        self.send(self.queue("seen"), "a")
        worker, operator = self.imap("seen"), self.imap("seen")
        (uid,), mod_seq = imap_door.search_ready(worker)
        self.ok(operator.uid("STORE", str(uid), "+FLAGS", "(\\Seen)"))
        self.assertTrue(imap_door.claim(worker, uid, mod_seq))

    def test_expunge_passes_over_what_others_hold(self):
        self.send(self.queue("held"), "a", "b")
        worker, operator = self.imap("held"), self.imap("held")
        uids, mod_seq = imap_door.search_ready(worker)
        self.assertTrue(imap_door.claim(worker, uids[0], mod_seq))
        operator.uid("STORE", str(uids[1]), "+FLAGS.SILENT", "(\\Deleted)")
        self.ok(operator.expunge())
        self.assertTrue(imap_door.exists(worker, uids[0]))
        self.assertFalse(imap_door.exists(worker, uids[1]))
        self.assertTrue(imap_door.acknowledge(worker, uids[0]))
        self.assertFalse(imap_door.exists(worker, uids[0]))

    def test_one_winner_of_eight_connections_in_each_round(self):
        rounds = 2000
        self.send(self.queue("rounds"), "a")
        connections = [self.imap("rounds") for _ in range(8)]
        start, end = threading.Barrier(9), threading.Barrier(9)
        token, wins = [0, 0], [0] * 8
        errors = []

        def contend(number):
            try:
                for _ in range(rounds):
                    start.wait(60)
                    if imap_door.claim(connections[number], *token):
                        wins[number] += 1
                        winner.append(number)
                    end.wait(60)
            except Exception as error:
                errors.append(error)
                start.abort()
                end.abort()

        threads = [threading.Thread(target=contend, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                winner = []
                uids, mod_seq = imap_door.search_ready(connections[0])
                token[:] = [uids[0], mod_seq]
                start.wait(60)
                end.wait(60)
                self.assertEqual(len(winner), 1)
                self.ok(connections[winner[0]].uid("STORE", str(uids[0]), "-FLAGS.SILENT", "(\\Claimed)"))
        finally:
            start.abort()
            end.abort()
            for thread in threads:
                thread.join()
        self.assertEqual(sum(wins), rounds)

    def test_a_lease_that_ends_gives_the_message_back(self):
        self.send(self.queue("lease", lease_default=0.3, lease_min=0.2, backoff_base=0.1), "a")
        first = self.imap("lease")
        (uid,), mod_seq = imap_door.search_ready(first)
        self.assertTrue(imap_door.claim(first, uid, mod_seq))
        second = self.imap("lease")

        def won():
            uids, fresh = imap_door.search_ready(second)
            return uids and imap_door.claim(second, uids[0], fresh)
        harness.eventually(won)
        self.assertFalse(imap_door.claim(first, uid, mod_seq))


if __name__ == "__main__":
    harness.main()
