"""Generated Python stubs against both services."""
import queue
import threading

import grpc

import harness
import imap_door


class Calls(harness.ServerCase):
    def refused(self, code, reason, call, *arguments, **fields):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **fields)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertEqual(self.api().reason(caught.exception), reason)

    def test_enqueue_claim_ack(self):
        api = self.api()
        self.queue("calls")
        body = bytes(range(256))
        message = api.pb.message.Message(body=body, content_type="application/x-thing", key="k-1", priority=7,
                                         attributes={"source": "übersee", "odd": "a;b=\"c\""})
        (serial,) = api.call("Enqueue", queue="calls", messages=[message]).serials
        (claim,) = api.claim("calls", "worker-1", include_raw=True)
        self.assertEqual(claim.message.serial, serial)
        self.assertEqual(claim.message.message.body, body)
        self.assertEqual(claim.message.message.content_type, "application/x-thing")
        self.assertEqual(dict(claim.message.message.attributes), {"source": "übersee", "odd": "a;b=\"c\""})
        self.assertEqual((claim.message.message.key, claim.message.message.priority), ("k-1", 7))
        self.assertEqual((claim.message.deliveries, claim.message.failures), (1, 0))
        self.assertIn(b"Claimq-Version: 1", claim.message.raw)
        self.assertEqual(api.claim("calls", "worker-2"), [])
        api.call("Ack", queue="calls", worker_id="worker-1", claims=[api.ref(claim)])
        self.refused(grpc.StatusCode.NOT_FOUND, "MESSAGE_GONE", api.call, "Ack", queue="calls", worker_id="worker-1",
                     claims=[api.ref(claim)])

    def test_settlements(self):
        api = self.api()
        self.queue("settle", backoff_base=0.05, failures_max=2)
        self.send("settle", "a")
        (claim,) = api.claim("settle", "w")
        api.call("Release", queue="settle", worker_id="w", claims=[api.ref(claim)])
        self.refused(grpc.StatusCode.ABORTED, "LEASE_LOST", api.call, "Ack", queue="settle", worker_id="w", claims=[api.ref(claim)])
        (claim,) = api.claim("settle", "w")
        extended = api.call("Extend", queue="settle", worker_id="w", claims=[api.ref(claim)]).results[0]
        self.assertGreater(extended.new_token, claim.token)
        claim.token = extended.new_token
        api.call("Fail", queue="settle", worker_id="w", claims=[api.ref(claim)], reason="first")
        (claim,) = api.claim("settle", "w", wait_seconds=10)
        self.assertEqual((claim.message.failures, claim.message.deliveries), (1, 3))
        result = api.call("Fail", queue="settle", worker_id="w", claims=[api.ref(claim)], reason="second time").results[0]
        self.assertEqual(result.dead_letters, "settle/Dead")
        (dead,) = api.call("Peek", queue="settle/Dead", include_raw=True).messages
        self.assertIn(b"Claimq-Dead-Reason: second time", dead.raw)
        self.send("settle", "b")
        (claim,) = api.claim("settle", "w")
        api.call("Reject", queue="settle", worker_id="w", claims=[api.ref(claim)], reason="no")
        self.assertEqual(api.call("GetQueue", name="settle").queue.dead, 2)

    def test_batch_tells_each_result(self):
        api = self.api()
        self.queue("batch")
        self.send("batch", *(f"m{number}" for number in range(10)))
        claims = api.claim("batch", "w", count=10)
        self.assertEqual(len(claims), 10)
        refs = [api.ref(claim) for claim in claims]
        refs[3].token += 1000
        codes = [result.status.code for result in api.call("Ack", queue="batch", worker_id="w", claims=refs).results]
        self.assertEqual([code for code in codes if code], [grpc.StatusCode.ABORTED.value[0]])
        self.assertNotEqual(codes[3], 0)

    def test_claim_waits_for_a_message(self):
        api = self.api()
        self.queue("wait")
        won = []
        waiter = threading.Thread(target=lambda: won.extend(self.api().claim("wait", "w", wait_seconds=30)))
        waiter.start()
        self.send("wait", "late")
        waiter.join(30)
        self.assertEqual([claim.message.message.body for claim in won], [b"late"])
        self.assertEqual(api.claim("wait", "w"), [])

    def test_delay_and_order(self):
        api = self.api()
        self.queue("order")
        message = api.pb.message.Message
        delayed = message(body=b"delayed")
        delayed.delay.FromMilliseconds(400)
        api.call("Enqueue", queue="order", messages=[delayed, message(body=b"low", priority=1), message(body=b"old"), message(body=b"new"),
                                                     message(body=b"urgent", priority=9)])
        self.assertEqual(api.call("GetQueue", name="order").queue.scheduled, 1)
        bodies = [claim.message.message.body for claim in api.claim("order", "w", count=10)]
        self.assertEqual(bodies[:4], [b"urgent", b"old", b"new", b"low"])
        if len(bodies) == 4:
            (claim,) = api.claim("order", "w", wait_seconds=10)
            self.assertEqual(claim.message.message.body, b"delayed")

    def test_work_stream(self):
        api = self.api()
        self.queue("stream")
        self.send("stream", *(f"m{number}" for number in range(20)))
        request = api.pb.queue.WorkRequest
        outgoing = queue.Queue()
        outgoing.put(request(start=api.pb.queue.WorkStart(queue="stream", worker_id="streamer")))
        outgoing.put(request(credit=api.pb.queue.WorkCredit(messages=5)))
        stream = api.queue_stub.Work(iter(outgoing.get, None), metadata=api.metadata, timeout=60)
        seen, settled, credit = [], 0, 5
        for response in stream:
            settled += sum(1 for result in response.results if result.status.code == 0)
            for claim in response.claims:
                seen.append(claim.message.message.body)
            self.assertLessEqual(len(seen), credit)
            if response.claims:
                credit += len(response.claims)
                outgoing.put(request(settle=api.pb.queue.WorkSettle(ack=[api.ref(claim) for claim in response.claims])))
                outgoing.put(request(credit=api.pb.queue.WorkCredit(messages=len(response.claims))))
            if settled == 20:
                break
        self.assertEqual(len(set(seen)), 20)
        self.send("stream", "held at the end")
        for response in stream:
            if response.claims:
                break
        outgoing.put(None)  # Closing gives back what is held.
        (claim,) = self.api().claim("stream", "other", wait_seconds=20)
        self.assertEqual(claim.message.message.body, b"held at the end")

    def test_watch_sees_both_doors(self):
        api = self.api()
        self.queue("watch")
        changes = queue.Queue()
        stream = api.queue_stub.Watch(api.pb.queue.WatchRequest(queue="watch", after_mod_seq=1), metadata=api.metadata, timeout=60)

        def follow():
            try:
                for response in stream:
                    changes.put(response)
            except grpc.RpcError:
                pass
        reader = threading.Thread(target=follow)
        reader.start()

        def next_change(wanted):
            while True:
                response = changes.get(timeout=20)
                if wanted(response):
                    return response
        self.send("watch", "a")
        next_change(lambda response: any(message.state == api.pb.message.MESSAGE_STATE_READY for message in response.changed))
        connection = self.imap("watch")
        (uid,), mod_seq = imap_door.search_ready(connection)
        self.assertTrue(imap_door.claim(connection, uid, mod_seq))
        next_change(lambda response: any(message.state == api.pb.message.MESSAGE_STATE_CLAIMED for message in response.changed))
        self.assertTrue(imap_door.acknowledge(connection, uid))
        self.assertEqual(len(next_change(lambda response: response.vanished).vanished), 1)
        stream.cancel()
        reader.join(10)

    def test_a_mail_by_append_reaches_a_worker(self):
        self.queue("mails")
        self.imap().append("mails", None, None, harness.mail("hello", "ol=C3=A9\r\n", "Content-Transfer-Encoding: quoted-printable\r\n"
                                                             "Content-Type: text/plain; charset=utf-8\r\n"))
        (claim,) = self.api().claim("mails", "w", include_raw=True)
        self.assertEqual(claim.message.message.attributes["header.subject"], "hello")
        self.assertEqual(claim.message.message.body, "olé\r\n".encode())
        self.assertIn(b"ol=C3=A9", claim.message.raw)

    def test_peek_pages_and_changes_nothing(self):
        api = self.api()
        self.queue("peek")
        serials = self.send("peek", *(f"m{number}" for number in range(25)))
        seen, token = [], ""
        while True:
            page = api.call("Peek", queue="peek", page_size=10, page_token=token, omit_body=True)
            seen += [message.serial for message in page.messages]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(seen, serials)
        self.assertEqual(api.call("GetQueue", name="peek").queue.ready, 25)

    def test_refusals(self):
        api = self.api()
        code = grpc.StatusCode
        self.refused(code.NOT_FOUND, "QUEUE_NOT_FOUND", api.claim, "nowhere", "w")
        self.refused(code.NOT_FOUND, "QUEUE_NOT_FOUND", self.send, "nowhere", "x")
        self.queue("refusals", messages_max=1)
        self.send("refusals", "x")
        self.refused(code.RESOURCE_EXHAUSTED, "QUEUE_FULL", self.send, "refusals", "y")
        self.refused(code.INVALID_ARGUMENT, "INVALID_FIELD", api.claim, "refusals", "")
        stranger = harness.Api(self.server.grpc, "admin", "wrong")
        self.addCleanup(stranger.close)
        with self.assertRaises(grpc.RpcError) as caught:
            stranger.claim("refusals", "w")
        self.assertEqual(caught.exception.code(), code.UNAUTHENTICATED)

    def test_rights(self):
        api = self.api()
        self.queue("rights")
        api.call("CreateUser", name="bob", password="bobs-password")
        bob = harness.Api(self.server.grpc, "bob", "bobs-password")
        self.addCleanup(bob.close)
        self.refused(grpc.StatusCode.NOT_FOUND, "QUEUE_NOT_FOUND", bob.claim, "rights", "w")
        api.call("SetAcl", queue="rights", entry=api.pb.admin.AclEntry(identifier="bob", rights="lr"))
        self.assertEqual(len(bob.call("Peek", queue="rights").messages), 0)
        self.refused(grpc.StatusCode.PERMISSION_DENIED, "NO_RIGHT", bob.claim, "rights", "w")

    def test_health_and_server_info(self):
        api = self.api()
        self.assertEqual(health_of(api), 1)
        info = api.call("GetServerInfo")
        self.assertTrue(info.writable)
        self.assertEqual(info.imap_address, self.server.imap)


def health_of(api):
    """1 SERVING, 2 NOT_SERVING: the standard service, read by hand because its name is taken by Python's own package."""
    check = api.channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda data: data,
                                    response_deserializer=lambda data: data)
    answer = check(b"", timeout=10, metadata=api.metadata)
    return answer[1] if answer[:1] == b"\x08" else 0


if __name__ == "__main__":
    harness.main()
