"""The quickstart: one queue, two doors, a crash in the middle, each message done exactly once."""
import argparse
import pathlib
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

import producers
import source
from api import Api
from ledger import Ledger
from server import Server
from workers import GrpcWorker, ImapConsumer

QUEUE, SHOWCASE = "jobs", "showcase"
_LEASE_SECONDS = 5
_DEADLINE_SECONDS = 600


def port_or_any(port):
    """The usual address when it is free, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            port = 0
    return f"127.0.0.1:{port}"


def create_queue(api, name, lease_seconds):
    policy = api.pb.admin.QueuePolicy()
    policy.lease_default.FromSeconds(lease_seconds)
    api.call("CreateQueue", name=name, policy=policy)


class Progress:
    """One live line on a terminal, a line a second elsewhere."""

    def __init__(self, ledger):
        self._ledger = ledger
        self._start = time.monotonic()
        self._live = sys.stdout.isatty()
        self._shown = 0.0
        self.note = ""

    def show(self, at_once=False):
        now = time.monotonic()
        if not at_once and now - self._shown < (0.1 if self._live else 1.0):
            return
        self._shown = now
        won = self._ledger.won
        by_grpc = sum(count for name, count in won.items() if name.startswith("grpc"))
        by_imap = sum(won.values()) - by_grpc
        line = (f"  {now - self._start:5.1f} s  done {self._ledger.done}/{len(self._ledger.expected)}  won by gRPC {by_grpc}, by IMAP "
                f"{by_imap}  lost races {sum(self._ledger.lost_races.values())}  {self.note}")
        print("\r" + line + "\x1b[K" if self._live else line, end="" if self._live else "\n", flush=True)

    def end(self):
        self.show(at_once=True)
        if self._live:
            print()


def compete(server, ledger):
    """Runs the workers until all is done, with a SIGKILL half-way. The workers."""
    finished = threading.Event()
    workers = [GrpcWorker(f"grpc-{number}", server, QUEUE, ledger, finished) for number in range(1, 5)]
    workers += [ImapConsumer(f"imap-{number}", server, QUEUE, ledger, finished) for number in range(1, 5)]
    half, everything = ledger.when_done(len(ledger.expected) // 2), ledger.when_done(len(ledger.expected))
    progress = Progress(ledger)
    deadline = time.monotonic() + _DEADLINE_SECONDS
    for worker in workers:
        worker.start()
    killed = False
    while not everything.is_set() and time.monotonic() < deadline and not any(worker.failure for worker in workers):
        if half.is_set() and not killed:
            server.kill()
            killed = True
            progress.note = "SIGKILL!"
            progress.show(at_once=True)
            server.start()
            progress.note = "killed by SIGKILL and restarted"
        (everything if killed else half).wait(0.1)  # Woken at once, so that the kill comes in the middle of a small race too.
        progress.show()
    finished.set()
    for worker in workers:
        worker.join(70)
    progress.end()
    return workers


def print_table(ledger, report, sent, appended):
    rows = [("enqueued", report["enqueued"]), ("  by gRPC", sent), ("  by IMAP APPEND", appended)]
    rows += [(f"won by {name}", ledger.won[name]) for name in sorted(ledger.won)]
    rows += [("lost races (told so, and went on)", report["lost_races"]),
             ("delivered again after the crash", report["redelivered"]),
             ("answers lost in the crash, found by asking", report["resolved"]),
             ("done exactly once", report["done_once"]), ("done twice", report["done_twice"]), ("lost", len(report["missing"]))]
    width = max(len(name) for name, _ in rows)
    print()
    for name, value in rows:
        print(f"  {name:<{width}}  {value:>8}")
    print()


def left_in_queue(server):
    api = Api(server.grpc, server.user, server.password)
    try:
        return api.call("GetQueue", name=QUEUE).queue.messages
    finally:
        api.close()


def prepare_showcase(server, items):
    """Something to look at: a few messages, and two that were rejected."""
    api = Api(server.grpc, server.user, server.password)
    create_queue(api, SHOWCASE, 60)
    producers.enqueue(server, SHOWCASE, items[:24])
    claims = api.claim(SHOWCASE, "quickstart", count=2)
    api.call("Reject", queue=SHOWCASE, worker_id="quickstart", reason="the quickstart wanted two dead letters to show",
             claims=[api.ref(claim) for claim in claims])
    api.close()


def serve(server, items):
    prepare_showcase(server, items)
    host, port = server.imap_address
    print(f"""Look at a queue with any mail client (IMAP, no encryption, this machine only):
  host {host}   port {port}   user {server.user}   password {server.password}
  mailbox {SHOWCASE} (messages that wait), {SHOWCASE}/Dead (two that were rejected: move one back and it is ready again)
  for example:  neomutt -e 'set ssl_force_tls=no' -f 'imap://{server.user}:{server.password}@{host}:{port}/{SHOWCASE}'
gRPC at {server.grpc}, the same user and password.
Serving until Ctrl-C; then everything of this demo is removed.""", flush=True)
    try:
        server.process.wait()
        return 1
    except KeyboardInterrupt:
        print("\nStopping.")
        return 0


def parse_arguments():
    parser = argparse.ArgumentParser(prog="quickstart.sh", description=__doc__)
    parser.add_argument("--claimqd", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", metavar="FOLDER", help="enqueue the files of this folder instead of made-up messages")
    parser.add_argument("--once", action="store_true", help="end after the race: 0 when each message was done exactly once")
    options = parser.parse_args()
    if options.data and not pathlib.Path(options.data).is_dir():
        parser.error(f"{options.data} is no folder")
    return options


def main():
    options = parse_arguments()
    items = source.items(options.data)
    if not items:
        raise SystemExit("quickstart: no files in " + options.data)
    folder = tempfile.mkdtemp(prefix="claimq-quickstart-")
    password = secrets.token_urlsafe(12)
    server = Server(options.claimqd, pathlib.Path(folder) / "store", password, port_or_any(1143), port_or_any(7143))
    try:
        server.start()
        print(f"claimqd listens: IMAP {server.imap}, gRPC {server.grpc}")
        api = Api(server.grpc, server.user, server.password)
        create_queue(api, QUEUE, _LEASE_SECONDS)
        api.close()
        start = time.monotonic()
        sent, appended = producers.enqueue(server, QUEUE, items)
        print(f"enqueued {len(items)} messages in {time.monotonic() - start:.1f} s; now 4 gRPC workers and 4 IMAP consumers compete")
        ledger = Ledger(item.key for item in items)
        workers = compete(server, ledger)
        report = ledger.report()
        print_table(ledger, report, sent, appended)
        failures = [f"{worker.name}: {worker.failure!r}" for worker in workers if worker.failure]
        left = left_in_queue(server)
        good = (report["done_once"] == report["enqueued"] and not report["unknown"] and not failures and left == 0)
        for line in failures:
            print("  failed: " + line)
        print("Each message was done exactly once." if good else f"NOT each message was done exactly once ({left} left in the queue).")
        if options.once or not good:
            return 0 if good else 1
        return serve(server, items)
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def interrupt(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    # A closed terminal ends the demo as Ctrl-C does: no server and no folder stays behind.
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
