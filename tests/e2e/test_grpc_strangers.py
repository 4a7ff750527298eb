"""What somebody whom the server does not know may cost it over gRPC."""
import pathlib
import threading
import time
import unittest

import grpc

from harness import Api, ServerCase

MIB = 1 << 20


class Strangers(ServerCase):
    def resident(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def test_large_requests_are_not_read_before_their_sender_is_known(self):
        """40 requests of 60 MiB, with a password that is wrong: their answers are held back, and meanwhile they would be kept."""
        self.queue("jobs")
        pb = self.api().pb
        request = pb.queue.EnqueueRequest(queue="jobs", messages=[pb.message.Message(body=b"x" * (60 * MIB))])
        apis = [Api(self.server.grpc, "admin", "wrong") for _ in range(4)]
        before = self.resident()
        refused, highest = [], before

        def call(api):
            try:
                api.queue_stub.Enqueue(request, metadata=api.metadata, timeout=60)
            except grpc.RpcError as error:
                refused.append(error.code())

        threads = [threading.Thread(target=call, args=(api,)) for api in apis for _ in range(10)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 6
        while time.monotonic() < deadline and any(thread.is_alive() for thread in threads):
            highest = max(highest, self.resident())
            time.sleep(0.02)
        grown = highest - before
        for api in apis:
            api.close()
        for thread in threads:
            thread.join()
        self.assertEqual(40, len(refused))
        # Two argon2 at once take 19 MiB each.
        self.assertLess(grown, 120 * MIB, f"{grown // MIB} MiB")

    def test_open_services_read_no_more_than_they_can_afford(self):
        """Health and reflection answer to anybody; 40 requests of 60 MiB each to them."""
        channels = [grpc.insecure_channel(self.server.grpc, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(4)]
        large = b"\x0a" + b"\x80\x80\x80\x1e" + b"x" * (60 * MIB)  # Field 1: so many bytes.
        paths = ["/grpc.health.v1.Health/Check"] * 5 + ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] * 5
        before, highest = self.resident(), 0

        def call(channel, path):
            try:
                if path.endswith("Check"):
                    channel.unary_unary(path)(large, timeout=20)
                else:
                    list(channel.stream_stream(path)(iter([large]), timeout=20))
            except grpc.RpcError:
                pass

        threads = [threading.Thread(target=call, args=(channel, path)) for channel in channels for path in paths]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            highest = max(highest, self.resident())
            time.sleep(0.02)
        for channel in channels:
            channel.close()
        # Three are read at a time; what it has understood gRPC copies twice more.
        self.assertLess(highest - before, 700 * MIB, f"{(highest - before) // MIB} MiB")
        self.api().call("GetServerInfo")

    def test_claims_go_on_while_many_log_in(self):
        """A storm of wrong passwords costs those who are known nothing but their share of the processor."""
        api = self.api()
        self.queue("calm")
        self.send("calm", *[str(number) for number in range(50)])
        stop = threading.Event()
        outsiders = [Api(self.server.grpc, f"nobody{number}", "wrong") for number in range(8)]

        def storm(outsider):
            while not stop.is_set():
                try:
                    outsider.call("GetServerInfo", timeout=5)
                except (grpc.RpcError, ValueError):
                    pass

        threads = [threading.Thread(target=storm, args=(outsider,)) for outsider in outsiders for _ in range(10)]
        for thread in threads:
            thread.start()
        slowest = 0.0
        for _ in range(50):
            began = time.monotonic()
            (claim,) = api.claim("calm", "w")
            api.call("Ack", queue="calm", worker_id="w", claims=[api.ref(claim)])
            slowest = max(slowest, time.monotonic() - began)
        stop.set()
        for outsider in outsiders:
            outsider.close()
        for thread in threads:
            thread.join()
        # Behind 80 argon2 of 30 ms it would be seconds.
        self.assertLess(slowest, 1.0)


if __name__ == "__main__":
    unittest.main()
