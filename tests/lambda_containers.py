"""Functions that are images, in containers as Lambda would have them: read-only, their own memory, no root.

The images are those that SAM built; Lambda's runtime emulator is put in from outside, as `sam local` does.
It starts a function's process with the first event, so that the first answer is a cold start.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.deployment import functions, logical_id
from tests.lambda_machine import (
    TOLD,
    Invocation,
    free_port,
    peak_memory_mb,
    post,
    setting,
    variables_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.engine.daemon import Engine

USER = "993:990"  # nobody's, as on Lambda
LOOK_EACH_S = 0.2
BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system
GROUPS = (  # of versions 1 and 2, with and without systemd
    "/sys/fs/cgroup/{kind}/docker/{name}",
    "/sys/fs/cgroup/{kind}/system.slice/docker-{name}.scope",
    "/sys/fs/cgroup/docker/{name}",
    "/sys/fs/cgroup/system.slice/docker-{name}.scope",
)
IMAGES = sorted(name for name, found in functions().items() if found.get("PackageType") == "Image")


def image_of(name: str) -> str:
    """Return what SAM calls a function's image."""
    return f"{logical_id(name).lower()}:{name}"


class LambdaContainers:
    """Runs functions' images.

    Args:
        engine: Has the images.
        emulator: Lambda's runtime emulator.
    """

    def __init__(self, engine: Engine, emulator: Path) -> None:
        self._engine, self._emulator = engine, emulator

    def invoke(
        self, name: str, event: Any, environment: Mapping[str, str], *, memory_mb: int | None = None
    ) -> Invocation:
        """Start a function anew, send it one event, and stop it."""
        with self.started(name, environment, memory_mb=memory_mb) as container:
            answer, status, elapsed_s = container.send(event)
            peak_mb, disk_mb, log = container.peak_memory_mb, container.peak_disk_mb, container.log
        return Invocation(answer, status, elapsed_s, peak_mb, log, disk_mb)

    @contextmanager
    def started(
        self,
        name: str,
        environment: Mapping[str, str],
        *,
        memory_mb: int | None = None,
        options: tuple[str, ...] = (),
    ) -> Iterator[Container]:
        """Start a function's container, and remove it in the end.

        Args:
            name: The function's folder.
            environment: Its own variables; it sees no others but Lambda's.
            memory_mb: Its memory; the template's if None.
            options: More of the engine's.
        """
        port, memory_mb = free_port(), memory_mb or setting(name, "MemorySize")
        variables = {**environment, **variables_of(name, memory_mb)}
        given = [f"--env={key}={value}" for key, value in variables.items()]
        # On Lambda this is a disk; files in memory would be taken for the function's own memory.
        disk = tempfile.TemporaryDirectory(prefix="timbral-lambda-")
        Path(disk.name).chmod(0o1777)
        limits = [
            f"--memory={memory_mb}m",
            f"--memory-swap={memory_mb}m",
            f"--user={USER}",
            "--read-only",
            f"--volume={disk.name}:/tmp",
        ]
        put_in = [f"--volume={self._emulator}:/rie:ro", "--entrypoint=/rie", "--network=host", *options]
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        command = ["/usr/bin/env", "python", "-m", "awslambdaric", "handler.handler"]
        box = self._engine.run(
            "run", "--detach", *put_in, *limits, *given, image_of(name), *addresses, *command
        )
        assert box.returncode == 0, box.stderr
        watch = DiskWatch(Path(disk.name))
        container = Container(self._engine, box.stdout.strip(), port, watch)
        try:
            container.wait()
            yield container
        finally:
            watch.stop()
            self._engine.run("rm", "--force", container.name)
            disk.cleanup()


class DiskWatch:
    """Looks every so often at how much lies in a folder, for nothing but a file system would say so.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.peak_mb = 0.0
        self._folder = folder
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_EACH_S):
            self.peak_mb = max(self.peak_mb, _bytes_in(self._folder) / 1e6)


def _bytes_in(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # it was there a moment ago
                total += (Path(place) / name).lstat().st_blocks * BLOCK_BYTES
    return total


class Container:
    """A function's container.

    Args:
        engine: Whose it is.
        name: Its id.
        port: Where its emulator listens.
        disk: Watches what it writes.
    """

    def __init__(self, engine: Engine, name: str, port: int, disk: DiskWatch) -> None:
        self._engine, self.name, self._port, self._disk = engine, name, port, disk

    def wait(self) -> None:
        """Wait until its emulator listens; the function's process starts with the first event."""
        for _ in range(1_000):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError(self.log)

    def send(self, event: Any) -> tuple[Any, int, float]:
        """Send an event; return the answer, HTTP's status and the seconds that it took."""
        began_s = time.monotonic()
        answer, status = post(TOLD.format(port=self._port), event)
        return answer, status, time.monotonic() - began_s

    @property
    def peak_memory_mb(self) -> float | None:
        """The most memory that was used so far, in MB; None where the engine's groups aren't to be seen."""
        place = self._group("memory")
        return peak_memory_mb(place) if place else None

    @property
    def peak_disk_mb(self) -> float:
        """The most that lay in its ``/tmp`` so far, in MB, as far as was seen."""
        return self._disk.peak_mb

    @property
    def cpu_ms(self) -> float | None:
        """The processor time that was taken so far; None where the engine's groups aren't to be seen."""
        place = self._group("cpuacct")
        if place is None:
            return None
        if (usage := place / "cpuacct.usage").exists():
            return int(usage.read_text()) / 1e6
        return int((place / "cpu.stat").read_text().split()[1]) / 1e3

    def _group(self, kind: str) -> Path | None:
        places = (Path(place.format(kind=kind, name=self.name)) for place in GROUPS)
        return next((place for place in places if place.is_dir()), None)

    @property
    def log(self) -> str:
        """What was printed so far."""
        said = self._engine.run("logs", self.name)
        return said.stdout + said.stderr
