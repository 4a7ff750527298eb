"""SIGKILL every few seconds, while producers, workers, IMAP claimers and an operator go on.

What the server acknowledged is never lost, what was acknowledged as done never comes back, and nobody is given a message that
another holds within its lease. 30 seconds; five minutes with CLAIMQ_LONG.
"""
import random
import re
import threading
import time

import grpc

import harness
import imap_door
from api import RETRYABLE
from book import Book

_SECONDS = 300 if harness.LONG else 30
_LEASE = 3.0
_BACKLOG_MAX = 1500
_DRAIN_SECONDS = 120


class Actor(threading.Thread):
    """Does its round again and again, through every crash of the server, until told to stop."""

    def __init__(self, name, server, book, stop):
        super().__init__(name=name, daemon=True)
        self.server, self.book, self.stop = server, book, stop
        self.random = random.Random(name)
        self.failure = None

    def run(self):
        try:
            while not self.stop.is_set():
                try:
                    self.round()
                except imap_door.LOST:
                    self.lost_connection()
                    time.sleep(0.05)
        except Exception as error:  # The test shows it.
            self.failure = error

    def lost_connection(self):
        pass


class GrpcActor(Actor):
    _api = None

    @property
    def api(self):
        if self._api is None:
            self._api = harness.Api(self.server.grpc, self.server.user, self.server.password)
        return self._api

    def survive(self, error):
        if error.code() not in RETRYABLE:
            raise error
        time.sleep(0.05)


class GrpcProducer(GrpcActor):
    count = 0

    def round(self):
        if self.book.waiting > _BACKLOG_MAX:
            return time.sleep(0.02)
        keys = [f"{self.name}.{self.count + number}" for number in range(self.random.randint(1, 20))]
        self.count += len(keys)
        try:
            self.api.call("Enqueue", queue="chaos", messages=[self.api.pb.message.Message(key=key, body=b"x" * 200) for key in keys])
            self.book.enqueued(keys, answered=True)
        except grpc.RpcError as error:
            self.book.enqueued(keys, answered=False)
            self.survive(error)


class ImapActor(Actor):
    connection = None

    def connected(self):
        if self.connection is None:
            self.connection = imap_door.connect(self.server, "chaos")
            self.reconnected()
        return self.connection

    def lost_connection(self):
        if self.connection is not None:
            imap_door.drop(self.connection)
        self.connection = None

    def reconnected(self):
        pass


class ImapProducer(ImapActor):
    count = 0

    def round(self):
        if self.book.waiting > _BACKLOG_MAX:
            return time.sleep(0.02)
        connection = self.connected()
        key = f"{self.name}.{self.count}"
        self.count += 1
        try:
            imap_door.expect_ok(connection.append("chaos", None, None, harness.mail(key, "text\r\n", f"Claimq-Key: {key}\r\n")))
            self.book.enqueued([key], answered=True)
        except imap_door.LOST:
            self.book.enqueued([key], answered=False)
            raise


class GrpcWorker(GrpcActor):
    def round(self):
        asked_at = time.monotonic()
        try:
            claims = self.api.claim("chaos", self.name, count=self.random.randint(1, 5), wait_seconds=0.3)
        except grpc.RpcError as error:
            return self.survive(error)
        for claim in claims:
            self.book.delivered(claim.message.message.key, self.name, asked_at, claim.token)
        for claim in claims:
            chance = self.random.random()
            if chance < 0.02:
                continue  # Forgotten: its lease will end.
            if chance < 0.10:
                self.give_back(claim)
            else:
                self.acknowledge(claim)

    def give_back(self, claim):
        self.book.given_back(claim.message.message.key, self.name)
        try:
            self.api.call("Release", queue="chaos", worker_id=self.name, claims=[self.api.ref(claim)])
        except grpc.RpcError as error:
            if self.api.reason(error) not in ("LEASE_LOST", "MESSAGE_GONE"):
                self.survive(error)

    def acknowledge(self, claim):
        key = claim.message.message.key
        while True:
            try:
                self.api.call("Ack", queue="chaos", worker_id=self.name, claims=[self.api.ref(claim)])
                return self.book.acked(key, self.name)
            except grpc.RpcError as error:
                reason = self.api.reason(error)
                if reason == "MESSAGE_GONE":
                    return self.book.found_gone(key)
                if reason == "LEASE_LOST":
                    return None
                self.survive(error)


class ImapClaimer(ImapActor):
    held = None  # (uid, key) while an acknowledgement is under way.

    def round(self):
        connection = self.connected()
        uids, mod_seq = imap_door.search_ready(connection)
        if not uids:
            return time.sleep(0.05)
        for uid in self.random.sample(uids[:32], min(len(uids), 8)):
            asked_at = time.monotonic()
            if not imap_door.claim(connection, uid, mod_seq):
                continue
            key = re.search(rb"^Claimq-Key: *(\S+)", imap_door.fetch(connection, uid), re.MULTILINE).group(1).decode()
            self.book.delivered(key, self.name, asked_at)
            chance = self.random.random()
            if chance < 0.02:
                continue
            if chance < 0.10:
                self.book.given_back(key, self.name)
                connection.uid("STORE", str(uid), "-FLAGS.SILENT", "(\\Claimed)")
                continue
            self.held = (uid, key)
            self.acknowledge(connection)
        return None

    def acknowledge(self, connection):
        uid, key = self.held
        if imap_door.acknowledge(connection, uid):
            self.book.acked(key, self.name)
        self.held = None

    def reconnected(self):
        if self.held is None:
            return
        uid, key = self.held
        if imap_door.exists(self.connection, uid):
            self.acknowledge(self.connection)
        else:
            self.book.found_gone(key)
            self.held = None


class Operator(ImapActor):
    def round(self):
        connection = self.connected()
        for sign in "+-":
            imap_door.expect_ok(connection.uid("STORE", "1:*", sign + "FLAGS.SILENT", "(\\Seen)"))
            connection.response("FETCH")
        time.sleep(0.05)


class Chaos(harness.ServerCase):
    def test_nothing_is_lost_nothing_comes_back_nothing_is_held_twice(self):
        self.queue("chaos", lease_default=_LEASE, failures_max=1000, backoff_base=0.05, backoff_cap=1)
        book, no_more, stop = Book(_LEASE), threading.Event(), threading.Event()
        producers = [GrpcProducer("produce-grpc", self.server, book, no_more), ImapProducer("produce-imap", self.server, book, no_more)]
        workers = [GrpcWorker(f"grpc-{number}", self.server, book, stop) for number in range(3)]
        workers += [ImapClaimer(f"imap-{number}", self.server, book, stop) for number in range(3)]
        workers.append(Operator("operator", self.server, book, stop))
        for actor in producers + workers:
            actor.start()
        kills = self.kill_again_and_again(book, producers + workers)
        no_more.set()
        for actor in producers:
            actor.join(60)
        api = self.api()
        drained = self.drained(api, workers, book)
        stop.set()
        for actor in workers:
            actor.join(60)
        print(f"\n  {kills} crashes, {book.summary()}", end=" ")
        self.assertEqual([f"{actor.name}: {actor.failure!r}" for actor in producers + workers if actor.failure], [])
        self.assertEqual(book.violations, [])
        self.assertTrue(drained, api.call("GetQueue", name="chaos").queue)
        self.assertEqual(book.lost(), [])
        self.assertEqual(book.unheard_of(), [])
        self.assertEqual(api.call("GetQueue", name="chaos").queue.dead, 0)
        self.assertGreater(len(book.sure), 100)

    def kill_again_and_again(self, book, actors):
        chance, kills = random.Random(7), 0
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end and not book.violations and not any(actor.failure for actor in actors):
            time.sleep(chance.uniform(1.0, 4.0))
            self.server.kill()
            self.server.start()
            kills += 1
        return kills

    def drained(self, api, workers, book):
        end = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < end and not book.violations and not any(actor.failure for actor in workers):
            if api.call("GetQueue", name="chaos").queue.messages == 0:
                return True
            time.sleep(0.2)
        return False


if __name__ == "__main__":
    harness.main()
