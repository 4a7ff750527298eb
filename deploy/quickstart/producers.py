"""Enqueues half by gRPC and half by APPEND, both at once."""
import concurrent.futures

import imap_door
from api import Api

_BATCH = 100


def by_grpc(server, queue, items):
    api = Api(server.grpc, server.user, server.password)
    try:
        for start in range(0, len(items), _BATCH):
            messages = [api.pb.message.Message(key=item.key, content_type=item.content_type, body=item.body,
                                               attributes={"filename": item.name}) for item in items[start:start + _BATCH]]
            api.call("Enqueue", queue=queue, messages=messages)
    finally:
        api.close()


def by_append(server, queue, items):
    connection = imap_door.connect(server)
    for item in items:
        imap_door.expect_ok(connection.append(imap_door.quoted(queue), None, None, item.as_mail()))
    connection.logout()


def enqueue(server, queue, items):
    """How many went each way."""
    appended = [item for number, item in enumerate(items) if number % 2 and item.may_be_appended]
    chosen = {item.key for item in appended}
    sent = [item for item in items if item.key not in chosen]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(by_grpc, server, queue, sent)]
        jobs += [pool.submit(by_append, server, queue, appended[part::3]) for part in range(3)]
        for job in jobs:
            job.result()
    return len(sent), len(appended)
