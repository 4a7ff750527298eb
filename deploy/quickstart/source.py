"""What is enqueued: the files of a folder, or messages made up here. Each has an id, its key, in whichever way it travels."""
import dataclasses
import email.message
import email.policy
import json
import pathlib

_TYPES = {".json": "application/json", ".eml": "message/rfc822", ".txt": "text/plain"}
_SHOPS = ("harbour", "station", "market", "airport", "garden")


@dataclasses.dataclass(frozen=True)
class Item:
    key: str
    content_type: str
    body: bytes
    name: str

    @property
    def is_mail(self):
        return self.content_type == "message/rfc822"

    @property
    def may_be_appended(self):
        """A literal of IMAP holds no NUL; what is no mail is encoded and so may be anything."""
        return not self.is_mail or (b"\0" not in self.body and len(self.body) > 0)

    def as_mail(self):
        """RFC 5322 bytes for APPEND: a mail as it is with its key in front, anything else as an attachment."""
        if self.is_mail:
            return b"Claimq-Key: " + self.key.encode() + b"\r\n" + self.body
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        mail["Claimq-Key"] = self.key
        mail["From"] = "Quickstart <quickstart@claimq.invalid>"
        mail["Subject"] = self.name
        main, sub = self.content_type.split("/")
        mail.set_content(self.body, maintype=main, subtype=sub, filename=self.name)
        return mail.as_bytes()


def _from_folder(folder):
    root = pathlib.Path(folder)
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
        yield kind, path.read_bytes(), path.name


def _made_up(count):
    for number in range(count):
        shop = _SHOPS[number % len(_SHOPS)]
        order = {"order": 10_000 + number, "shop": shop, "items": [{"sku": f"A-{number % 97:03}", "count": 1 + number % 5}]}
        yield "application/json", json.dumps(order).encode(), f"order {10_000 + number} ({shop})"


def items(folder=None, count=2000):
    found = _from_folder(folder) if folder else _made_up(count)
    return [Item(f"q{number:06}", kind, body, name) for number, (kind, body, name) in enumerate(found)]
