"""The IMAP door, with nothing but imaplib: search, claim by a conditional STORE, fetch, delete."""
import imaplib
import re
import socket

imaplib._MAXLINE = 64 << 20  # A SEARCH answer is one line, and a queue may be long.

# What imaplib and the socket raise when the server is gone. abort is the server's BYE or a cut connection.
LOST = (imaplib.IMAP4.abort, ConnectionError, OSError)


def connect(server, mailbox=None):
    host, port = server.imap_address
    connection = imaplib.IMAP4(host, port, timeout=60)
    # APPEND is two small writes, which Nagle and a delayed ACK would hold up for 40 ms.
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.login(server.user, server.password)
    if mailbox is not None:
        expect_ok(connection.select(quoted(mailbox)))
    return connection


def drop(connection):
    """Closes the socket of a connection that is lost."""
    try:
        connection.shutdown()
    except OSError:
        pass


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def expect_ok(answer):
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data}")
    return data


def search_ready(connection, flag="\\Claimed"):
    """UIDs that nobody holds, oldest first, and the mod-sequence to claim them with."""
    connection.response("SEARCH")
    data = expect_ok(connection.uid("SEARCH", "UNKEYWORD", flag, "UNDELETED", "MODSEQ", "1"))
    text = b" ".join(part for part in data if part)
    mod_seq = re.search(rb"\(MODSEQ (\d+)\)", text)
    uids = [int(word) for word in re.sub(rb"\(.*", b"", text).split()]
    return uids, int(mod_seq.group(1)) if mod_seq else 0


def claim(connection, uid, mod_seq, flag="\\Claimed"):
    """True: won. False: somebody else was faster. UNCHANGEDSINCE makes the STORE a test-and-set."""
    connection.response("MODIFIED")
    status, _ = connection.uid("STORE", str(uid), f"(UNCHANGEDSINCE {mod_seq})", "+FLAGS.SILENT", f"({flag})")
    modified = connection.response("MODIFIED")[1]
    return status == "OK" and modified in ([None], None)


def fetch(connection, uid):
    """The RFC 5322 bytes; None when the message is gone."""
    connection.response("FETCH")
    data = expect_ok(connection.uid("FETCH", str(uid), "(BODY.PEEK[])"))
    for part in data:
        if isinstance(part, tuple) and re.search(rb"\bUID %d\b" % uid, part[0] + _tail_of(data, part)):
            return part[1]
    return None


def _tail_of(data, part):
    at = data.index(part) + 1
    return data[at] if at < len(data) and isinstance(data[at], bytes) else b""


def acknowledge(connection, uid):
    """Deletes what this session holds. True: done. False: it is not ours any more, or gone."""
    connection.response("FETCH")
    status, _ = connection.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
    if status != "OK":
        return False
    expect_ok(connection.uid("EXPUNGE", str(uid)))
    return not exists(connection, uid)


def exists(connection, uid):
    connection.response("SEARCH")
    data = expect_ok(connection.uid("SEARCH", "UID", str(uid)))
    return str(uid).encode() in b" ".join(part for part in data if part).split()
