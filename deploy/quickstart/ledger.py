"""Who won and who finished what: the accounts that show whether each message was done exactly once."""
import collections
import threading


class Ledger:
    """Concurrency: every member from any thread."""

    def __init__(self, expected):
        self.expected = set(expected)
        self._lock = threading.Lock()
        self._acks = collections.defaultdict(list)       # id -> workers whose ack the server confirmed
        self._resolved = collections.defaultdict(list)   # id -> workers whose ack was answered only by asking later
        self._deliveries = collections.Counter()
        self.won = collections.Counter()
        self.lost_races = collections.Counter()
        self.unknown = []
        self._watches = []

    def delivered(self, worker, message_id):
        with self._lock:
            self.won[worker] += 1
            self._deliveries[message_id] += 1
            if message_id not in self.expected:
                self.unknown.append(message_id)

    def lost_race(self, worker):
        with self._lock:
            self.lost_races[worker] += 1

    def acked(self, worker, message_id):
        with self._lock:
            self._acks[message_id].append(worker)
            self._tell()

    def resolved(self, worker, message_id):
        """The answer to the ack was lost with the server; the server says that the message is gone."""
        with self._lock:
            self._resolved[message_id].append(worker)
            self._tell()

    def _done(self):
        return len(self._acks.keys() | self._resolved.keys())

    def _tell(self):
        done = self._done()
        for count, event in self._watches:
            if done >= count:
                event.set()

    def when_done(self, count):
        """An event that is set as soon as so many are done."""
        event = threading.Event()
        with self._lock:
            self._watches.append((count, event))
            self._tell()
        return event

    @property
    def done(self):
        with self._lock:
            return self._done()

    def report(self):
        with self._lock:
            acked = self._acks.keys() | self._resolved.keys()
            twice = {key for key, workers in self._acks.items() if len(workers) > 1}
            return {
                "enqueued": len(self.expected),
                "done_once": len((acked & self.expected) - twice),
                "done_twice": len(twice),
                "missing": sorted(self.expected - acked),
                "unknown": list(self.unknown),
                "redelivered": sum(1 for count in self._deliveries.values() if count > 1),
                "resolved": len(self._resolved.keys() - self._acks.keys()),
                "lost_races": sum(self.lost_races.values()),
            }
