"""Four gRPC workers and four IMAP consumers on one queue; each survives the server's crash.

A worker that hears nothing after an acknowledgement does not know whether it counted. It asks: the message is gone (it
counted), it is still held under the same token (again), or somebody else has it by now (their affair).
"""
import imaplib
import random
import re
import threading
import time

import grpc

import imap_door
from api import RETRYABLE, Api

_PAUSE = 0.05  # Between two attempts to reach a server that is down.


class GrpcWorker(threading.Thread):
    def __init__(self, name, server, queue, ledger, finished):
        super().__init__(name=name, daemon=True)
        self._server, self._queue, self._ledger, self._finished = server, queue, ledger, finished
        self._api = Api(server.grpc, server.user, server.password)
        self.failure = None

    def run(self):
        try:
            while not self._finished.is_set():
                self._round()
        except Exception as error:  # Shown by the main thread.
            self.failure = error
        finally:
            self._api.close()

    def _round(self):
        try:
            claims = self._api.claim(self._queue, self.name, count=4, wait_seconds=0.5)
        except grpc.RpcError as error:
            self._survive(error)
            return
        for claim in claims:
            self._ledger.delivered(self.name, claim.message.message.key)
        for claim in claims:
            self._acknowledge(claim)

    def _acknowledge(self, claim):
        asked_before = False
        while not self._finished.is_set():
            try:
                self._api.call("Ack", timeout=10, queue=self._queue, worker_id=self.name, claims=[self._api.ref(claim)])
                self._ledger.acked(self.name, claim.message.message.key)
                return
            except grpc.RpcError as error:
                reason = self._api.reason(error)
                if reason == "MESSAGE_GONE" and asked_before:
                    self._ledger.resolved(self.name, claim.message.message.key)
                    return
                if reason in ("MESSAGE_GONE", "LEASE_LOST"):
                    return
                self._survive(error)
                asked_before = True

    def _survive(self, error):
        if error.code() not in RETRYABLE:
            raise error
        time.sleep(_PAUSE)


class ImapConsumer(threading.Thread):
    def __init__(self, name, server, queue, ledger, finished):
        super().__init__(name=name, daemon=True)
        self._server, self._queue, self._ledger, self._finished = server, queue, ledger, finished
        self._connection = None
        self._held = None  # (uid, key or None) between the claim and the end of the acknowledgement.
        self.failure = None

    def run(self):
        try:
            while not self._finished.is_set():
                try:
                    self._round()
                except imap_door.LOST:
                    if self._connection is not None:
                        imap_door.drop(self._connection)
                    self._connection = None
                    time.sleep(_PAUSE)
        except Exception as error:  # Shown by the main thread.
            self.failure = error

    def _round(self):
        if self._connection is None:
            self._connection = imap_door.connect(self._server, self._queue)
            self._settle_after_crash()
        uids, mod_seq = imap_door.search_ready(self._connection)
        if not uids:
            time.sleep(_PAUSE)
            return
        # Everybody at the head would mean that one wins and seven lose, each time.
        for uid in random.sample(uids[:32], min(len(uids), 8)):
            if self._finished.is_set():
                return
            if imap_door.claim(self._connection, uid, mod_seq):
                self._held = (uid, None)
                self._work(uid)
            else:
                self._ledger.lost_race(self.name)

    def _work(self, uid):
        raw = imap_door.fetch(self._connection, uid)
        key = key_of(raw or b"")
        self._ledger.delivered(self.name, key)
        self._held = (uid, key)
        if imap_door.acknowledge(self._connection, uid):
            self._ledger.acked(self.name, key)
        self._held = None

    def _settle_after_crash(self):
        """A session of the same user may finish what an ended one held."""
        if self._held is None:
            return
        uid, key = self._held
        if key is not None:
            if not imap_door.exists(self._connection, uid):
                self._ledger.resolved(self.name, key)
            elif imap_door.acknowledge(self._connection, uid):
                self._ledger.acked(self.name, key)
        self._held = None


def key_of(raw):
    match = re.search(rb"^Claimq-Key: *(\S+)", raw, re.IGNORECASE | re.MULTILINE)
    return match.group(1).decode() if match else ""
