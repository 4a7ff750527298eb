"""A claimqd of our own: started, killed, restarted on the same ports, stopped."""
import os
import pathlib
import re
import signal
import subprocess
import threading

_LISTENING = re.compile(r"listening imap=(\S+) grpc=(\S+)")
_START_SECONDS = 60


class Server:
    """Runs `binary` on `data_dir`. The ports of the first start are kept by every later one."""

    def __init__(self, binary, data_dir, password, imap="127.0.0.1:0", grpc="127.0.0.1:0", arguments=()):
        self.binary = str(binary)
        self.data_dir = pathlib.Path(data_dir)
        self.user, self.password = "admin", password
        self.imap, self.grpc = imap, grpc
        self.arguments = list(arguments)
        self.process = None
        self.log = []
        self._reader = None

    def start(self):
        """Returns when it listens; raises with its log when it ends instead."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        password_file = self.data_dir.parent / (self.data_dir.name + ".password")
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.password + "\n")
        command = [self.binary, "--data-dir", str(self.data_dir), "--imap-listen", self.imap, "--grpc-listen", self.grpc,
                   "--admin-password-file", str(password_file), *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace", start_new_session=True)
        listening = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process, listening), daemon=True)
        self._reader.start()
        listening.wait(_START_SECONDS)
        if self.process.poll() is not None or not listening.is_set():
            self.kill()
            raise RuntimeError("claimqd did not start:\n" + "".join(self.log[-20:]))
        return self

    def _read(self, process, listening):
        for line in process.stdout:
            self.log.append(line)
            match = _LISTENING.search(line)
            if match:
                self.imap, self.grpc = match.groups()
                listening.set()
        listening.set()  # Ended: nobody shall wait for it.

    def kill(self):
        """SIGKILL, as a crash."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self._reap()

    def stop(self, seconds=30):
        """SIGTERM; the exit status."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._reap()
        return status

    def _reap(self):
        if self.process:
            self.process.wait()
            self._reader.join(10)
            self.process.stdout.close()
            self.process = None

    @property
    def imap_address(self):
        host, port = self.imap.rsplit(":", 1)
        return host, int(port)

    @property
    def grpc_address(self):
        host, port = self.grpc.rsplit(":", 1)
        return host, int(port)
