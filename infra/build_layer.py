# ruff: noqa: INP001  run by path, in the folder of a layer
"""Build a Lambda layer with no container: hashed requirements in, a trimmed and compiled folder out.

It runs in the layer's folder, under the Python that Lambda runs, and reads

    requirements.txt  what to install: pinned, hashed, whole (nothing is resolved)
    trim.txt          what to remove: one pattern a line below the folder of packages, and why

Built twice it gives the same bytes.
"""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RUNTIME = (3, 13)
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
GLIBC = (*(f"manylinux_2_{minor}" for minor in range(34, 16, -1)), "manylinux2014")
"""Platforms that Lambda's runtime can load: Amazon Linux 2023 has glibc 2.34."""
EVERYWHERE = ("bin", "**/__pycache__", "**/*.pyi", "*.dist-info/RECORD", "*.dist-info/direct_url.json")
"""What no layer needs; type stubs and what pip notes of the installation."""
EARLIEST_S = 315_532_800
"""1 January 1980, the first day that a zip file can name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the layer of the present folder; prints its size.

    Returns:
        0, or 1 with the reason on the error stream.
    """
    parser = argparse.ArgumentParser(prog="build_layer", description=__doc__)
    parser.add_argument("--architecture", choices=tuple(MACHINES), default="x86_64")
    parser.add_argument("--destination", type=Path, required=True, help="folder of the layer")
    wanted = parser.parse_args(arguments)
    packages: Path = wanted.destination / "python"
    try:
        build(Path("requirements.txt"), Path("trim.txt"), packages, wanted.architecture)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"build_layer: {error}", file=sys.stderr)  # noqa: T201  a command prints
        return 1
    print(f"{packages}: {size_bytes(packages):,} bytes")  # noqa: T201  a command prints
    return 0


def build(requirements: Path, trim: Path, packages: Path, architecture: str) -> None:
    """Install, trim, compile and date a layer's packages.

    Args:
        requirements: Pinned and hashed.
        trim: Patterns of what to remove.
        packages: The folder to make, anew.
        architecture: A key of ``MACHINES``.

    Raises:
        ValueError: Another Python runs this, or a pattern matches nothing.
        CalledProcessError: A package can't be installed.
    """
    if sys.version_info[:2] != RUNTIME:
        msg = f"Python {'.'.join(map(str, RUNTIME))} has to build layers: their bytecode is for that runtime"
        raise ValueError(msg)
    shutil.rmtree(packages, ignore_errors=True)
    install(requirements, packages, MACHINES[architecture])
    remove(packages, [*EVERYWHERE, *patterns(trim)])
    compile_files(packages)
    for path in [packages, *packages.rglob("*")]:
        os.utime(path, (EARLIEST_S, EARLIEST_S))


def install(requirements: Path, packages: Path, machine: str) -> None:
    """Install wheels for Lambda's platform, whatever this machine is."""
    platforms = [f"--platform={glibc}_{machine}" for glibc in GLIBC]
    exact = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    target = ["--python-version=3.13", "--implementation=cp", *platforms, f"--target={packages}"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *quiet,
        *exact,
        *target,
        f"--requirement={requirements}",
    ]
    subprocess.run(command, check=True)  # noqa: S603  the arguments are this file's own


def patterns(trim: Path) -> list[str]:
    """Read what to remove; ``#`` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in trim.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def remove(packages: Path, globs: Sequence[str]) -> None:
    """Remove files and folders.

    Raises:
        ValueError: A layer's own pattern matches nothing: the package has changed, look again.
    """
    for glob in globs:
        found = list(packages.glob(glob))
        if not found and glob not in EVERYWHERE:
            msg = f"nothing below {packages} matches {glob!r}: the packages have changed, trim them anew"
            raise ValueError(msg)
        for path in found:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def compile_files(packages: Path) -> None:
    """Compile all files; the bytecode trusts its source, so it doesn't depend on any file's time."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(
        packages, quiet=2, stripdir=str(packages), prependdir="/opt/python", invalidation_mode=mode
    )


def size_bytes(folder: Path) -> int:
    """Return the size that Lambda counts: that of all files, unpacked."""
    return sum(path.lstat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    raise SystemExit(main())
