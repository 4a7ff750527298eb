"""20,000 messages, 8 IMAP connections and 8 gRPC workers, all starting at the head: each message is won once."""
import collections
import multiprocessing
import re
import threading
import time

import grpc

import harness
import imap_door

_MESSAGES = 20_000
_WORKERS = 8
_WINDOW = 64


def imap_claimer(address, flag, stale, start, stop, results):
    """Claims from the head on until nothing is ready. Sends (won uids, lost races, spurious refusals)."""
    connection = imap_door.connect(address, "race")
    won, lost, spurious = [], 0, 0
    start.wait()
    last_mod_seq = None
    while not stop.is_set():
        uids, mod_seq = imap_door.search_ready(connection, flag)
        if not uids:
            break
        token = mod_seq if not stale or last_mod_seq is None else last_mod_seq
        last_mod_seq = mod_seq
        for uid in uids[:_WINDOW]:
            if imap_door.claim(connection, uid, token, flag):
                won.append(uid)
            elif holder_shown(connection, uid):
                lost += 1
            else:
                spurious += 1
    results.put(("imap", won, lost, spurious))
    connection.logout()


def holder_shown(connection, uid):
    """After a refusal: does somebody hold the message, or is it gone? Then the refusal was right."""
    connection.response("FETCH")
    data = imap_door.expect_ok(connection.uid("FETCH", str(uid), "(FLAGS)"))
    lines = [line for line in data if line and re.search(rb"\bUID %d\b" % uid, line)]
    return not lines or b"\\Claimed" in lines[-1]


def grpc_claimer(address, name, start, stop, results):
    api = harness.Api(address.grpc, address.user, address.password)
    serials, empty = [], 0
    start.wait()
    while not stop.is_set() and empty < 3:
        claims = api.claim("race", name)
        empty = empty + 1 if not claims else 0
        serials += [claim.message.uid for claim in claims]
    results.put(("grpc", serials, 0, 0))
    api.close()


def operator(address, stop, results):
    """Sets and clears \\Seen all the time, everywhere."""
    connection = imap_door.connect(address, "race")
    rounds = 0
    while not stop.is_set():
        connection.response("FETCH")
        for sign in "+-":
            imap_door.expect_ok(connection.uid("STORE", "1:*", sign + "FLAGS.SILENT", "(\\Seen)"))
            rounds += 1
    results.put(("operator", rounds, 0, 0))
    connection.logout()


class Address:
    """What a claimer's process needs to know of the server."""

    def __init__(self, server):
        self.imap_address, self.grpc, self.user, self.password = server.imap_address, server.grpc, server.user, server.password


class Race(harness.ServerCase):
    def race(self, flag="\\Claimed", stale=False, operators=0, messages=_MESSAGES):
        api = self.api()
        self.queue("race", lease_default=3600)
        self.addCleanup(api.call, "DeleteQueue", name="race", force=True)
        for begin in range(0, messages, 2000):
            batch = [api.pb.message.Message(body=b"job %d" % number) for number in range(begin, min(begin + 2000, messages))]
            api.call("Enqueue", queue="race", messages=batch)
        context = multiprocessing.get_context("spawn")
        results, start, stop, over = context.Queue(), context.Event(), context.Event(), context.Event()
        address = Address(self.server)
        claimers = [context.Process(target=imap_claimer, args=(address, flag, stale, start, stop, results)) for _ in range(_WORKERS)]
        claimers += [context.Process(target=grpc_claimer, args=(address, f"worker-{number}", start, stop, results))
                     for number in range(_WORKERS)]
        others = [context.Process(target=operator, args=(address, over, results)) for _ in range(operators)]
        for process in claimers + others:
            process.start()
        begin = time.monotonic()
        start.set()
        try:
            reports = [results.get(timeout=600) for _ in claimers]
            seconds = time.monotonic() - begin
            over.set()
            reports += [results.get(timeout=120) for _ in others]
        finally:
            stop.set()
            over.set()
            for process in claimers + others:
                process.join(60)
        wins = collections.Counter(uid for door, won, _, _ in reports if door != "operator" for uid in won)
        by_door = collections.Counter()
        for door, won, _, _ in reports:
            if door != "operator":
                by_door[door] += len(won)
        print(f"\n  {dict(by_door)} won in {seconds:.1f} s, {sum(report[2] for report in reports)} lost races", end=" ")
        self.assertEqual([uid for uid, count in wins.items() if count > 1], [], "won twice")
        self.assertEqual(len(wins), messages)
        self.assertEqual(sum(report[3] for report in reports), 0, "refused although nobody held it")
        self.assertGreater(by_door["imap"], 0)
        queue = api.call("GetQueue", name="race").queue
        self.assertEqual((queue.ready, queue.claimed), (0, messages))

    def test_both_doors(self):
        self.race()

    def test_with_the_keyword_twin(self):
        self.race(flag="$Claimed", messages=_MESSAGES if harness.LONG else 4000)

    def test_with_stale_tokens(self):
        self.race(stale=True, messages=_MESSAGES if harness.LONG else 4000)

    def test_with_operators_setting_seen(self):
        self.race(operators=2, messages=_MESSAGES if harness.LONG else 4000)


class Waiting(harness.ServerCase):
    def test_each_waiting_worker_gets_one(self):
        self.queue("waiting")
        won, lock = [], threading.Lock()

        def wait(number):
            claims = self.api().claim("waiting", f"w{number}", wait_seconds=30)
            with lock:
                won.extend(claim.message.serial for claim in claims)
        threads = [threading.Thread(target=wait, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        self.send("waiting", *(str(number) for number in range(16)))
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(set(won)), 16)

    def test_a_cancelled_claim_holds_nothing(self):
        self.queue("cancel")
        api = self.api()
        request = api.pb.queue.ClaimRequest(queue="cancel", worker_id="gone")
        request.wait.FromSeconds(30)
        call = api.queue_stub.Claim.future(request, metadata=api.metadata)
        call.cancel()
        with self.assertRaises((grpc.RpcError, grpc.FutureCancelledError)):
            call.result()
        self.send("cancel", "x")
        self.assertEqual(len(api.claim("cancel", "alive", wait_seconds=20)), 1)


if __name__ == "__main__":
    harness.main()
