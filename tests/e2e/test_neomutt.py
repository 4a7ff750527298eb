"""neomutt in a terminal: opens a queue, reads, flags, deletes, and moves a dead letter back."""
import shlex
import subprocess
import time

import harness
from harness import mail

_CONFIG = """
set imap_user="{user}"
set imap_pass="{password}"
set imap_authenticators="login"
set folder="{url}/"
set header_cache=""
set message_cachedir=""
set mail_check=1
set timeout=1
set sleep_time=0
set ssl_force_tls=no
set ssl_starttls=no
{tls}
set confirmappend=no
set confirmcreate=no
set delete=yes
set quit=yes
set move=no
set mark_old=no
set auto_tag=no
set pager_index_lines=0
set index_format="%4C %Z %s"
set sort=mailbox-order
set wait_key=no
set abort_key="\\Cg"
set beep=no
"""


class Neomutt(harness.ServerCase):
    tls = ""

    def url(self):
        return f"imap://{self.server.user}@{self.server.imap}"

    def setUp(self):
        self.socket = str(self.folder / "tmux")
        self.rc = self.folder / "neomuttrc"
        self.rc.write_text(_CONFIG.format(user=self.server.user, password=self.server.password, url=self.url(), tls=self.tls))
        self.addCleanup(lambda: self.tmux("kill-server", check=False))

    def tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], capture_output=True, text=True, check=check,
                              timeout=20).stdout

    def open(self, mailbox):
        url = f"{self.url()}/{mailbox}"
        command = f"env HOME={self.folder} TERM=screen LANG=C.UTF-8 neomutt -n -F {self.rc} -f {shlex.quote(url)}; sleep 60"
        self.tmux("new-session", "-d", "-x", "120", "-y", "40", command)

    def screen(self):
        return self.tmux("capture-pane", "-p", check=False)

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def see(self, *texts, seconds=20):
        """Waits until the screen shows all texts."""
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if all(text in screen for text in texts):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"{texts} not on the screen:\n{screen}")
            time.sleep(0.05)

    def flags_of(self, connection, subject):
        connection.noop()
        numbers = self.ok(connection.search(None, "SUBJECT", f'"{subject}"'))[0].split()
        if not numbers:
            return None
        connection.response("FETCH")
        return self.ok(connection.fetch(numbers[0].decode(), "(FLAGS)"))[0].decode()

    def test_read_flag_delete(self):
        self.queue("desk")
        connection = self.imap()
        for name in ("alpha", "bravo", "charlie"):
            connection.append("desk", None, None, mail(name, f"the text of {name}\r\n"))
        self.ok(connection.select("desk"))
        self.open("desk")
        self.see("alpha", "bravo", "charlie")
        self.keys("Enter")
        self.see("the text of alpha")
        self.keys("q")
        self.see("alpha", "bravo", "charlie")
        self.keys("2", "Enter")
        self.keys("F")
        self.keys("3", "Enter")
        self.keys("d")
        self.keys("$")
        harness.eventually(lambda: self.flags_of(connection, "charlie") is None)
        harness.eventually(lambda: "\\Flagged" in (self.flags_of(connection, "bravo") or ""))
        self.assertIn("\\Seen", self.flags_of(connection, "alpha"))
        self.see("alpha", "bravo")
        self.assertNotIn("charlie", self.screen().split("\n", 6)[-1].replace("deleted", ""))

    def test_a_dead_letter_moved_back_is_ready_again(self):
        self.queue("letters")
        self.imap().append("letters", None, None, mail("poison", "bad\r\n"))
        api = self.api()
        (claim,) = api.claim("letters", "w")
        api.call("Reject", queue="letters", worker_id="w", reason="cannot parse it", claims=[api.ref(claim)])
        self.open("letters/Dead")
        self.see("poison")
        self.keys("s")
        self.see("mailbox")
        self.keys("C-u")
        self.keys("-l", "=letters")
        self.keys("Enter")
        self.keys("$")
        (again,) = api.claim("letters", "w", wait_seconds=20, include_raw=True)
        self.assertEqual((again.message.deliveries, again.message.failures), (1, 0))
        self.assertEqual(again.message.message.attributes["header.subject"], "poison")
        self.assertIn(b"Claimq-Dead-Reason: cannot parse it", again.message.raw)
        harness.eventually(lambda: not api.call("Peek", queue="letters/Dead").messages)


class NeomuttOverTls(harness.TlsCase, Neomutt):
    def url(self):
        self.tls = f"set certificate_file={self.certificate}"
        return f"imaps://{self.server.user}@localhost:{self.port('imaps')}"


if __name__ == "__main__":
    harness.main()
