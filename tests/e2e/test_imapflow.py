"""imapflow, the client of many Node programs, over TLS: IDLE, QRESYNC, conditional STORE."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import harness

_SOURCE = pathlib.Path(__file__).parent / "node"


class Imapflow(harness.TlsCase):
    door = "imaps"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Beside the sources no folder of packages is left behind.
        cls.node = pathlib.Path(tempfile.mkdtemp(prefix="claimq-node-"))
        cls.addClassCleanup(shutil.rmtree, cls.node, ignore_errors=True)
        shutil.copytree(_SOURCE, cls.node, dirs_exist_ok=True)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=cls.node, check=True, capture_output=True, timeout=300)

    def run_scenario(self, name):
        mailbox = self.queue(f"node-{name}")
        environment = {**os.environ, "IMAP_PORT": str(self.port(self.door)), "IMAP_SECURE": "yes" if self.door == "imaps" else "no",
                       "IMAP_USER": self.server.user, "IMAP_PASSWORD": self.server.password, "IMAP_CA": str(self.certificate),
                       "IMAP_MAILBOX": mailbox}
        done = subprocess.run(["node", "imapflow.mjs", name], cwd=self.node, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_idle(self):
        self.run_scenario("idle")

    def test_qresync(self):
        self.run_scenario("qresync")

    def test_conditional_store(self):
        self.run_scenario("claim")


class ImapflowWithStarttls(Imapflow):
    door = "imap"


if __name__ == "__main__":
    harness.main()
