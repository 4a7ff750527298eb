"""The programs of README.md do what it says, as they stand there."""
import base64
import os
import pathlib
import re
import subprocess
import sys

import harness
import stubs


def programs(language):
    text = (harness.ROOT / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Readme(harness.ServerCase):
    password = "plain"

    def adapted(self, program):
        """For this server instead of the one on the usual ports, and without the long wait at the end."""
        host, port = self.server.imap_address
        login = base64.b64encode(f"{self.server.user}:{self.server.password}".encode()).decode()
        for old, new in (("127.0.0.1:7143", self.server.grpc), ('"127.0.0.1", 1143', f'"{host}", {port}'), ("FromSeconds(20)", "FromSeconds(1)"),
                         ("set_seconds(20)", "set_seconds(1)"), ('"admin", "secret"', f'"{self.server.user}", "{self.server.password}"'),
                         ("admin:secret\")", f"{self.server.user}:{self.server.password}\")"), ("YWRtaW46c2VjcmV0", login)):
            program = program.replace(old, new)
        return program

    def works_off(self, command, **options):
        self.queue("jobs")
        self.send("jobs", *(f"payload {number}" for number in range(20)))
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(set(re.findall(r"payload \d+", done.stdout))), 20, done.stdout + done.stderr)
        self.assertEqual(self.api().call("GetQueue", name="jobs").queue.messages, 0)
        self.api().call("DeleteQueue", name="jobs", force=True)

    def test_python_worker(self):
        stubs.load()
        worker, _ = programs("python")
        folder = pathlib.Path(sys.modules["claimq.v1.queue_service_pb2"].__file__).parents[2]
        self.works_off([sys.executable, "-c", self.adapted(worker)], env={**os.environ, "PYTHONPATH": str(folder)})

    def test_imaplib_consumer(self):
        _, consumer = programs("python")
        self.works_off([sys.executable, "-c", self.adapted(consumer)])

    def test_cpp_worker(self):
        (worker,) = programs("cpp")
        source, program = self.folder / "worker.cc", self.folder / "worker"
        source.write_text(self.adapted(worker))
        library = harness.BIN / "libproto_api.a"
        if not library.exists():
            self.skipTest("no build folder with the C++ stubs")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], capture_output=True, text=True, check=True).stdout
        subprocess.run(["g++", "-std=c++20", "-I", str(harness.BIN / "generated"), str(source), str(library), "-o", str(program),
                        *flags.split()], check=True, timeout=300)
        self.works_off([str(program)])


if __name__ == "__main__":
    harness.main()
