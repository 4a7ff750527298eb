"""Python stubs of claimq's API, generated from proto/ when they are first asked for."""
import atexit
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]
_FILES = ["claimq/v1/message.proto", "claimq/v1/queue_service.proto", "claimq/v1/admin_service.proto",
          "google/rpc/status.proto", "google/rpc/error_details.proto"]
_MODULES = {
    "message": "claimq.v1.message_pb2",
    "queue": "claimq.v1.queue_service_pb2",
    "queue_grpc": "claimq.v1.queue_service_pb2_grpc",
    "admin": "claimq.v1.admin_service_pb2",
    "admin_grpc": "claimq.v1.admin_service_pb2_grpc",
    "rpc_status": "google.rpc.status_pb2",
    "error_details": "google.rpc.error_details_pb2",
}
_loaded = None


def load():
    """The generated modules as one namespace: load().queue.ClaimRequest and so on."""
    global _loaded
    if _loaded is None:
        folder = tempfile.mkdtemp(prefix="claimq-stubs-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        plugin = shutil.which("grpc_python_plugin")
        if plugin is None:
            raise SystemExit("grpc_python_plugin is missing: run deploy/install.sh")
        subprocess.run(["protoc", "-I", str(ROOT / "proto"), f"--python_out={folder}", f"--grpc_python_out={folder}",
                        f"--plugin=protoc-gen-grpc_python={plugin}", *_FILES], check=True)
        sys.path.insert(0, folder)
        _loaded = types.SimpleNamespace(**{name: importlib.import_module(path) for name, path in _MODULES.items()})
    return _loaded
