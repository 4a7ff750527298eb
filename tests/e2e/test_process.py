"""The process itself: a second one on the same folder, signals, restart, a full disk, what the first start prints."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import grpc

import harness
import imap_door
from harness import mail
from test_grpc import health_of


class Process(harness.ServerCase):
    def claimqd(self, *arguments):
        return subprocess.run([str(harness.BIN / "claimqd"), *arguments], capture_output=True, text=True, timeout=60)

    def test_second_process_is_refused(self):
        done = self.claimqd("--data-dir", str(self.server.data_dir), "--imap-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex((done.stdout + done.stderr).lower(), "in use|another|locked|already")
        self.assertEqual(health_of(self.api()), 1)

    def test_endpoints_file(self):
        endpoints = json.loads((self.server.data_dir / "endpoints.json").read_text())
        self.assertEqual((endpoints["imap"], endpoints["grpc"]), (self.server.imap, self.server.grpc))
        code, _, err = self.claimq_by_folder("status")
        self.assertEqual(code, 0, err)

    def claimq_by_folder(self, *arguments):
        done = subprocess.run([str(harness.BIN / "claimq"), "--data-dir", str(self.server.data_dir), *arguments], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "CLAIMQ_PASSWORD": self.server.password})
        return done.returncode, done.stdout, done.stderr

    def test_wrong_usage(self):
        folder = str(self.folder / "unused")
        for arguments in (("--frobnicate",), (), ("--data-dir", folder, "--durability", "maybe"),
                          ("--data-dir", folder, "--imap-listen", "0.0.0.0:0", "--grpc-listen", "127.0.0.1:0")):
            done = self.claimqd(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertTrue(done.stderr.strip() or done.stdout.strip(), arguments)

    def test_help(self):
        self.assertIn("--durability", self.claimqd("--help").stdout)


class FirstStart(unittest.TestCase):
    def test_password_is_printed_once(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="claimq-e2e-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)

        def start():
            process = subprocess.Popen([str(harness.BIN / "claimqd"), "--data-dir", str(folder / "store"), "--imap-listen", "127.0.0.1:0",
                                        "--grpc-listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "listening imap=" in line:
                    break
            process.send_signal(signal.SIGTERM)
            lines += process.stdout.readlines()
            process.stdout.close()
            self.assertEqual(process.wait(60), 0)
            return "".join(lines)
        self.assertRegex(start(), r"(?i)password")
        self.assertNotRegex(start(), r"(?i)password")


class Restart(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="claimq-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def server(self, *arguments, folder=None):
        server = harness.Server(harness.BIN / "claimqd", (folder or self.folder) / "store", "secret", arguments=arguments).start()
        self.addCleanup(server.kill)
        return server

    def api(self, server):
        api = harness.Api(server.grpc, server.user, server.password)
        self.addCleanup(api.close)
        return api

    def imap(self, server):
        connection = imap_door.connect(server, "jobs")
        self.addCleanup(connection.shutdown)
        return connection

    def fill(self, server, count=50):
        api = self.api(server)
        api.call("CreateQueue", name="jobs")
        api.call("Enqueue", queue="jobs", messages=[api.pb.message.Message(body=b"%d" % number) for number in range(count)])
        return api

    def test_sigterm_exits_zero_and_keeps_everything(self):
        for durability in ("sync", "relaxed"):
            server = self.server("--durability", durability, folder=self.folder / durability)
            api = self.fill(server)
            held = api.claim("jobs", "w", count=10)
            waiting = api.queue_stub.Watch(api.pb.queue.WatchRequest(queue="jobs"), metadata=api.metadata)
            idle = self.imap(server)
            self.assertEqual(server.stop(), 0)
            with self.assertRaises(grpc.RpcError):
                for _ in waiting:  # What it says before it ends does not matter here.
                    pass
            with self.assertRaises(imap_door.LOST):
                idle.noop()
            server.start()
            api = self.api(server)
            queue = api.call("GetQueue", name="jobs").queue
            self.assertEqual((queue.messages, queue.claimed), (50, 10))
            api.call("Ack", queue="jobs", worker_id="w", claims=[api.ref(claim) for claim in held])
            self.assertEqual(api.call("GetQueue", name="jobs").queue.messages, 40)
            server.kill()

    def test_sigkill_keeps_what_was_answered(self):
        server = self.server()
        api = self.fill(server)
        connection = self.imap(server)
        uids, mod_seq = imap_door.search_ready(connection)
        self.assertTrue(imap_door.claim(connection, uids[0], mod_seq))
        (claim,) = api.claim("jobs", "w")
        server.kill()
        server.start()
        again, api = self.imap(server), self.api(server)
        self.assertEqual(imap_door.search_ready(again)[0], uids[2:])
        self.assertTrue(imap_door.acknowledge(again, uids[0]), "a session of the same user finishes what an ended one held")
        api.call("Ack", queue="jobs", worker_id="w", claims=[api.ref(claim)])
        self.assertEqual(api.call("GetQueue", name="jobs").queue.messages, 48)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "needs root, to mount a small file system")
class FullDisk(unittest.TestCase):
    def test_writes_are_refused_reads_go_on(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="claimq-e2e-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "claimq-e2e", str(folder)], capture_output=True).returncode != 0:
            self.skipTest("mount is not allowed here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=False)
        server = harness.Server(harness.BIN / "claimqd", folder / "store", "secret").start()
        self.addCleanup(server.kill)
        api = harness.Api(server.grpc, server.user, server.password)
        self.addCleanup(api.close)
        api.call("CreateQueue", name="jobs")
        connection = imap_door.connect(server, "jobs")
        self.addCleanup(connection.shutdown)
        self.addCleanup(lambda: None if self._outcome.success else print("".join(server.log[-40:])))
        imap_door.expect_ok(connection.append("jobs", None, None, mail("kept")))
        payload = os.urandom(256 * 1024)
        written = 1

        def fill():
            nonlocal written
            for _ in range(1000):
                api.call("Enqueue", queue="jobs", messages=[api.pb.message.Message(body=payload)])
                written += 1
        with self.assertRaises(grpc.RpcError) as caught:
            fill()
        self.assertIn(caught.exception.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED))
        self.assertIsNone(server.process.poll(), "".join(server.log[-30:]))
        harness.eventually(lambda: health_of(api) == 2)
        self.assertFalse(api.call("GetServerInfo").writable)
        connection.noop()
        self.assertIn(b"Subject: kept", imap_door.fetch(connection, 1))
        self.assertEqual(len(imap_door.expect_ok(connection.search(None, "ALL"))[0].split()), written)
        self.assertEqual(connection.append("jobs", None, None, mail("refused"))[0], "NO")
        self.assertEqual(connection.store("1", "+FLAGS", "(\\Seen)")[0], "NO")
        with self.assertRaises(grpc.RpcError):
            api.claim("jobs", "w")
        self.assertEqual(server.stop(), 0)
        subprocess.run(["mount", "-o", "remount,size=400m", str(folder)], check=True)
        server.start()
        api = harness.Api(server.grpc, server.user, server.password)
        self.addCleanup(api.close)
        self.assertEqual(api.call("GetQueue", name="jobs").queue.messages, written)
        self.assertEqual(len(api.claim("jobs", "w")), 1)


if __name__ == "__main__":
    harness.main()
