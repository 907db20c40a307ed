"""The container engine: the one that answers, or one started here as root, from Debian's packages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("docker.io", "iptables")
PATIENCE_S = 60.0
STANDARD = "unix:///var/run/docker.sock"


class EngineError(Exception):
    """There is no engine, and none can be started; the message says why."""


@dataclass(frozen=True)
class Engine:
    """A container engine.

    Attributes:
        address: As in DOCKER_HOST.
    """

    address: str

    def run(
        self, *arguments: str, timeout_s: float = 900, **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Run its command line; whoever calls judges the exit status."""
        environment = os.environ | {"DOCKER_HOST": self.address}
        command = ["docker", *arguments]
        try:
            return subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                env=environment,
                timeout=timeout_s,
                **options,
            )
        except subprocess.TimeoutExpired as error:
            return subprocess.CompletedProcess(command, 124, "", f"it took longer than {error.timeout} s")

    @property
    def answers(self) -> bool:
        """Say whether it is there."""
        return shutil.which("docker") is not None and self.run("info", timeout_s=20).returncode == 0

    def has(self, image: str) -> bool:
        """Say whether it has an image."""
        return self.run("image", "inspect", image).returncode == 0


def find_engine(folder: Path) -> Engine | None:
    """Return the engine that answers: DOCKER_HOST's, the one started in a folder, or the machine's."""
    named = [os.environ["DOCKER_HOST"]] if os.environ.get("DOCKER_HOST") else []
    found = (Engine(address) for address in [*named, _address(folder), STANDARD])
    return next((engine for engine in found if engine.answers), None)


def start_engine(folder: Path) -> Engine:
    """Start an engine that keeps all of its own in a folder, and listens to this machine alone.

    Raises:
        EngineError: This machine allows none.
    """
    if os.geteuid() != 0:
        raise EngineError("none answers, and only root can start one")
    install("dockerd", PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    kept = ["--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", _pid_file(folder)]
    _pid_file(folder).unlink(missing_ok=True)
    with (folder / "dockerd.log").open("w") as log:
        process = subprocess.Popen(
            ["dockerd", *map(str, kept), "--host", _address(folder)],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    engine, ends_at_s = Engine(_address(folder)), time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at_s and process.poll() is None:
        if engine.answers:
            return engine
        time.sleep(0.3)
    process.terminate()
    said = (folder / "dockerd.log").read_text().splitlines()
    raise EngineError(f"dockerd doesn't come up: {said[-1] if said else 'it said nothing'}")


def stop_engine(folder: Path) -> None:
    """Stop the engine that was started in a folder; its images stay for the next time."""
    if _pid_file(folder).exists():
        os.kill(int(_pid_file(folder).read_text()), signal.SIGTERM)


def install(command: str, packages: tuple[str, ...]) -> None:
    """Install Debian's packages, unless what they bring is there.

    Raises:
        EngineError: They can't be installed.
    """
    if shutil.which(command):
        return
    if not shutil.which("apt-get"):
        raise EngineError(f"there is neither {command} nor apt-get to install it")
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    asked = ["install", "--yes", "--no-install-recommends", *packages]
    for arguments in (["update"], asked):
        done = subprocess.run(
            ["apt-get", "-qq", *arguments], check=False, capture_output=True, text=True, env=quietly
        )
        if done.returncode:
            raise EngineError(f"apt-get {arguments[0]} fails: {done.stderr.strip().splitlines()[-1:]}")


def _address(folder: Path) -> str:
    return f"unix://{folder}/docker.sock"


def _pid_file(folder: Path) -> Path:
    return folder / "dockerd.pid"
