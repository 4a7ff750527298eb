"""What the chaos test knows for sure, and the checks that no crash may break."""
import threading
import time


class Book:
    """Concurrency: every member from any thread. `lease` in seconds, as the queue's policy has it."""

    def __init__(self, lease):
        self._lease = lease
        self._lock = threading.Lock()
        self.sure, self.maybe = set(), set()      # Enqueued: the server answered, or its answer was lost.
        self._gone = {}                           # key -> when it was known that it has left the queue
        self._acked_by = {}
        self._holds = {}                          # key -> (holder, earliest start of the lease)
        self._tokens = {}
        self.deliveries = 0
        self.violations = []

    def enqueued(self, keys, answered):
        with self._lock:
            (self.sure if answered else self.maybe).update(keys)

    def delivered(self, key, holder, asked_at, token=None):
        """`asked_at`: when the claim was sent, so the lease did not begin before."""
        now = time.monotonic()
        with self._lock:
            self.deliveries += 1
            if key in self._gone and self._gone[key] < asked_at:
                self.violations.append(f"{key} came back to {holder} after it was acknowledged")
            held = self._holds.get(key)
            if held and held[0] != holder and now < held[1] + self._lease:
                self.violations.append(f"{key} held by {held[0]} and {holder} within one lease")
            if token is not None:
                if token <= self._tokens.get(key, 0):
                    self.violations.append(f"{key} delivered to {holder} with token {token}, not above {self._tokens[key]}")
                self._tokens[key] = token
            self._holds[key] = (holder, asked_at)

    def given_back(self, key, holder):
        """Before the release is sent: from then on another may win it."""
        with self._lock:
            if self._holds.get(key, ("",))[0] == holder:
                del self._holds[key]

    def acked(self, key, holder):
        with self._lock:
            if key in self._acked_by:
                self.violations.append(f"{key} acknowledged by {self._acked_by[key]} and {holder}")
            self._acked_by[key] = holder
            self._gone.setdefault(key, time.monotonic())

    def found_gone(self, key):
        with self._lock:
            self._gone.setdefault(key, time.monotonic())

    @property
    def waiting(self):
        with self._lock:
            return len(self.sure) - len(self._gone)

    def lost(self):
        with self._lock:
            return sorted(self.sure - self._gone.keys())

    def unheard_of(self):
        with self._lock:
            return sorted((self._holds.keys() | self._gone.keys()) - self.sure - self.maybe)

    def summary(self):
        with self._lock:
            return f"{len(self.sure)} enqueued for sure, {len(self.maybe)} unsure, {len(self._gone)} done, {self.deliveries} deliveries"
