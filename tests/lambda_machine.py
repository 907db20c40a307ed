"""A machine as Lambda gives a function: its own paths, its built layers, its memory and time, and no more.

The function runs under Lambda's runtime emulator. As root on Linux its code lies read-only in ``/var/task``,
its layers in ``/opt`` and the runtime's own packages in ``/var/runtime``, in a mount namespace of its own;
and its memory is that of the template, enforced by a control group. Otherwise it runs from where it was
built, with no limit of memory.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-layers.html and Linux's cgroups, v1 and v2.
"""

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.built import layer_folders
from tests.deployment import REPOSITORY, functions, template

MACHINE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "")
RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
TOLD = "http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
SEALED = """
set -e
mount -t tmpfs tmpfs /var
mkdir /var/task /var/runtime /var/emulator /var/python
touch /var/emulator/rie
mount --bind "$TASK" /var/task && mount -o remount,ro,bind /var/task
mount --bind "$LAYERS" /opt && mount -o remount,ro,bind /opt
mount --bind "$RUNTIME" /var/runtime
mount --bind "$PYTHON_HOME" /var/python
mount --bind "$EMULATOR" /var/emulator/rie
mount -t tmpfs -o size="$DISK_MB"m tmpfs /tmp
cd /var/task
exec env -i "$@"
"""


@dataclass(frozen=True)
class Invocation:
    """What became of one event.

    Attributes:
        answer: The body, from JSON where it is any.
        status: Of HTTP: 200 for an error of the handler's too, 502 where the process is gone.
        elapsed_s: How long it took, with the cold start.
        peak_memory_mb: The most memory that was used; None where it can't be measured.
        log: What was printed.
        peak_disk_mb: The most that lay in ``/tmp``; None where it is a part of the memory.
    """

    answer: Any
    status: int
    elapsed_s: float
    peak_memory_mb: float | None
    log: str
    peak_disk_mb: float | None = None


def find_emulator() -> Path | None:
    """Return the emulator: the one named in TIMBRAL_EMULATOR, or the one that aws-sam-cli ships."""
    spec = importlib.util.find_spec("samcli")
    places = [Path(place) for place in (spec.submodule_search_locations or [] if spec else [])]
    places += REPOSITORY.glob(".venv-sam/lib/python3*/site-packages/samcli")
    named = [Path(os.environ["TIMBRAL_EMULATOR"])] if "TIMBRAL_EMULATOR" in os.environ else []
    found = [*named, *(place / "local/rapid" / f"aws-lambda-rie-{MACHINE}" for place in places)]
    return next((path for path in found if path.is_file()), None)


def install_runtime(python: Path, place: Path) -> Path:
    """Install what Lambda's own runtime has for functions: its client, and botocore for traces."""
    entries = (REPOSITORY / "functions/api/requirements.txt").read_text().replace("\\\n", " ").splitlines()
    entries += (REPOSITORY / "layers/runtime/requirements.txt").read_text().replace("\\\n", " ").splitlines()
    wanted = {*RUNTIME, "botocore", "urllib3", "python-dateutil", "six", "jmespath"}
    chosen = {line.split("==")[0]: line for line in entries if line.split("==")[0] in wanted}
    (place / "runtime.txt").write_text("\n".join(chosen.values()))
    install = ["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    where = ["--target", str(place / "runtime"), "--requirement", str(place / "runtime.txt")]
    subprocess.run([python, "-m", "pip", *install, *where], check=True)
    return place / "runtime"


def can_be_sealed() -> bool:
    """Say whether this process may make mount namespaces."""
    return os.geteuid() == 0 and shutil.which("unshare") is not None and _unshares()


def _unshares() -> bool:
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


class LambdaMachine:
    """Runs built functions.

    Args:
        emulator: Lambda's runtime emulator.
        python: A Python of the version that Lambda runs.
        runtime: What `install_runtime` made.
        layers: Folder of built layers, each under its name.
        place: A folder for what is put together here.
    """

    def __init__(self, emulator: Path, python: Path, runtime: Path, layers: Path, place: Path) -> None:
        self._emulator, self._python, self._runtime = emulator, python, runtime
        self._layers, self._place = layers, place
        self.is_sealed = can_be_sealed()

    def invoke(
        self, name: str, event: Any, environment: dict[str, str], *, task: Path, memory_mb: int | None = None
    ) -> Invocation:
        """Start a function anew, send it one event, and stop it.

        Args:
            name: The function's folder.
            event: What it is sent.
            environment: Its own variables; it sees no others but Lambda's.
            task: Its code.
            memory_mb: Its memory; the template's if None.
        """
        memory_mb = memory_mb or setting(name, "MemorySize")
        port, group = free_port(), MemoryGroup(memory_mb)
        variables = environment | variables_of(name, memory_mb)
        log_path = self._place / f"{name}-{port}.log"
        with log_path.open("w") as log:
            command, outer = self._command(name, port, variables, task)
            started_s = time.monotonic()
            process = subprocess.Popen(
                command,
                env=outer,
                stdout=log,
                stderr=log,
                preexec_fn=group.join,  # noqa: PLW1509  it has one thread here
            )
        try:
            answer, status = post(TOLD.format(port=port), event)
            elapsed_s = time.monotonic() - started_s
            peak_mb = group.peak_mb
        finally:
            process.terminate()
            process.wait()
            group.close()
        return Invocation(answer, status, elapsed_s, peak_mb, log_path.read_text())

    def _command(
        self, name: str, port: int, variables: dict[str, str], task: Path
    ) -> tuple[list[str], dict[str, str]]:
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        client = ["-m", "awslambdaric", "handler.handler"]
        if not self.is_sealed:
            parts = [task, *(self._layers / layer / "python" for layer in layer_folders(name)), self._runtime]
            inner = variables | {
                "PYTHONPATH": os.pathsep.join(map(str, parts)),
                "PATH": os.defpath,
                "HOME": str(self._place),
            }
            return [str(self._emulator), *addresses, str(self._python), *client], inner
        inner = variables | {
            "PYTHONPATH": "/var/task:/opt/python:/var/runtime",
            "PATH": os.defpath,
            "HOME": "/tmp",  # noqa: S108  the one place that a function may write to
        }
        pairs = [f"{key}={value}" for key, value in inner.items()]
        run = ["/var/emulator/rie", *addresses, "/var/python/bin/python3.13", *client]
        outer = {
            "PATH": os.environ["PATH"],
            "TASK": str(task),
            "LAYERS": str(self._merged(layer_folders(name))),
            "RUNTIME": str(self._runtime),
            "PYTHON_HOME": str(self._python.resolve().parent.parent),
            "EMULATOR": str(self._emulator),
            "DISK_MB": str(setting(name, "EphemeralStorage")["Size"]),
        }
        return ["unshare", "--mount", "sh", "-c", SEALED, "sealed", *pairs, *run], outer

    def _merged(self, layers: list[str]) -> Path:
        """Put layers over each other, as Lambda unpacks them into ``/opt``."""
        merged = self._place / "opt" / "-".join(layers)
        if not merged.exists():
            for layer in layers:
                shutil.copytree(self._layers / layer, merged, copy_function=os.link, dirs_exist_ok=True)
        return merged


class MemoryGroup:
    """A control group that ends whoever takes more memory than it may; nothing where there is none.

    Args:
        memory_mb: How much.
    """

    def __init__(self, memory_mb: int) -> None:
        limit, name = str(memory_mb << 20), f"timbral-{uuid.uuid4().hex[:12]}"
        self._place: Path | None = None
        for root, most in (
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "memory.max"),
        ):
            place = Path(root) / name
            try:
                place.mkdir()
                (place / most).write_text(limit)
            except OSError:
                if place.is_dir():
                    place.rmdir()
                continue
            self._place = place
            return

    def join(self) -> None:
        """Put the calling process into the group."""
        if self._place:
            (self._place / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def peak_mb(self) -> float | None:
        """The most memory that was used so far, in MB."""
        return peak_memory_mb(self._place) if self._place else None

    def close(self) -> None:
        """End the group."""
        if not self._place:
            return
        for _ in range(50):
            try:
                self._place.rmdir()
                break
            except OSError:  # a process is still about to end
                time.sleep(0.1)


def peak_memory_mb(group: Path) -> float | None:
    """Return the most memory that a control group's processes have used, in MB; None where nothing says.

    Once they are gone it is what the group itself has seen, which counts files that the kernel keeps at hand.
    """
    processes = (group / "cgroup.procs").read_text().split()
    statuses = (Path("/proc") / process / "status" for process in processes)
    peaks_kb = [_peak_kb(status.read_text()) for status in statuses if status.exists()]
    if any(peaks_kb):
        return sum(peaks_kb) / 1024
    found = (group / name for name in ("memory.max_usage_in_bytes", "memory.peak"))
    peak = next((int(path.read_text()) for path in found if path.exists()), None)
    return None if peak is None else peak / (1 << 20)


def _peak_kb(status: str) -> int:
    lines = (line.split() for line in status.splitlines())
    return next((int(line[1]) for line in lines if line[0] == "VmHWM:"), 0)


def variables_of(name: str, memory_mb: int) -> dict[str, str]:
    """Return the variables that Lambda itself gives a function."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(setting(name, "Timeout")),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }


def setting(name: str, key: str) -> Any:
    """Return a function's setting, or the one that all have."""
    return functions()[name].get(key, template()["Globals"]["Function"].get(key))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def post(address: str, event: Any) -> tuple[Any, int]:
    """Send an event once somebody listens; return the answer and its status."""
    for _ in range(150):
        try:
            got = httpx.post(address, json=event, timeout=900)
        except httpx.ConnectError:
            time.sleep(0.1)
            continue
        except httpx.RemoteProtocolError:
            return None, 502
        try:
            return got.json(), got.status_code
        except ValueError:
            return got.text, got.status_code
    raise TimeoutError(address)
