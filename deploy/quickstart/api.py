"""The gRPC door: a channel with the user's credentials, and what workers ask again after a broken connection."""
import base64

import grpc

import stubs

# gRPC codes of a server that is gone or going: the call may be made again.
RETRYABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


class Api:
    """One user on one server. A call waits for a server that is starting (wait_for_ready), and ends after its `timeout` seconds."""

    def __init__(self, address, user, password):
        self.pb = stubs.load()
        # Come back to a restarted server at once, not after gRPC's usual minutes.
        self.channel = grpc.insecure_channel(address, options=[("grpc.initial_reconnect_backoff_ms", 100),
                                                               ("grpc.min_reconnect_backoff_ms", 5000),
                                                               ("grpc.max_reconnect_backoff_ms", 200),
                                                               ("grpc.max_receive_message_length", 256 << 20),
                                                               ("grpc.use_local_subchannel_pool", 1)])
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.metadata = (("authorization", "Basic " + token),)
        self.queue_stub = self.pb.queue_grpc.QueueServiceStub(self.channel)
        self.admin_stub = self.pb.admin_grpc.AdminServiceStub(self.channel)

    def _stub_of(self, verb):
        return self.queue_stub if hasattr(self.queue_stub, verb) else self.admin_stub

    def call(self, verb, timeout=30, **fields):
        """call("Ack", queue="jobs", ...): the response; grpc.RpcError when it is refused."""
        module = self.pb.queue if hasattr(self.pb.queue, verb + "Request") else self.pb.admin
        request = getattr(module, verb + "Request")(**fields)
        return getattr(self._stub_of(verb), verb)(request, timeout=timeout, metadata=self.metadata, wait_for_ready=True)

    def claim(self, queue, worker_id, count=1, wait_seconds=0, lease_seconds=None, **fields):
        request = self.pb.queue.ClaimRequest(queue=queue, worker_id=worker_id, count_max=count, **fields)
        request.wait.FromMilliseconds(int(wait_seconds * 1000))
        if lease_seconds is not None:
            request.lease.FromMilliseconds(int(lease_seconds * 1000))
        response = self.queue_stub.Claim(request, timeout=wait_seconds + 30, metadata=self.metadata, wait_for_ready=True)
        return list(response.claims)

    def ref(self, claim):
        return self.pb.queue.ClaimRef(serial=claim.message.serial, token=claim.token)

    def reason(self, status_or_error):
        """The ErrorInfo reason (LEASE_LOST ...) of a result's status or of a raised RpcError; "" without one."""
        status = status_or_error
        if isinstance(status_or_error, grpc.RpcError):
            status = self.pb.rpc_status.Status()
            for key, value in status_or_error.trailing_metadata() or ():
                if key == "grpc-status-details-bin":
                    status.ParseFromString(value)
        for detail in status.details:
            info = self.pb.error_details.ErrorInfo()
            if detail.Unpack(info):
                return info.reason
        return ""

    def close(self):
        self.channel.close()
