"""The images that ours are built on: a registry's, or stand-ins where none answers.

A stand-in is Debian's smallest system with this machine's Python in it. All that our images add and run is
theirs, so that a stand-in shows what the registry's image would, but for the age of Debian's packages.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.built import find_python
from tests.engine.daemon import EngineError, install
from tests.lambda_machine import MACHINE, find_emulator, install_runtime

if TYPE_CHECKING:
    from tests.engine.daemon import Engine

SLIM = "python:3.13-slim"
LAMBDA = "public.ecr.aws/lambda/python:3.13"
DEBIAN = "timbral-stand-in/debian"
RECIPES = Path(__file__).parent
SUITE = "bookworm"
LIBRARIES = "ca-certificates,libssl3,libffi8,libsqlite3-0,libbz2-1.0,liblzma5,libreadline8,libuuid1,libexpat1"
PULL_S = 120
LEFT_OUT = ("test", "idlelib", "tkinter", "ensurepip", "__pycache__", "config-3.13-*", "*.a")


def provide_bases(engine: Engine, folder: Path) -> list[str]:
    """See to it that an engine has the images that ours are built on.

    Returns:
        Those that are stand-ins.

    Raises:
        EngineError: There is neither a registry nor what a stand-in is made of.
    """
    made = []
    for image, make in ((SLIM, _make_slim), (LAMBDA, _make_lambda)):
        if not engine.has(image) and engine.run("pull", "--quiet", image, timeout_s=PULL_S).returncode:
            make(engine, folder)
        if "stand-in" in engine.run("inspect", "--format", "{{json .Config.Labels}}", image).stdout:
            made.append(image)
    # `sam local` asks for an image by its architecture too.
    engine.run("tag", LAMBDA, f"{LAMBDA}-{MACHINE}")
    asked = ["python", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", "/tmp/asked", "six"]  # noqa: S108  the container's own
    if engine.run("run", "--rm", SLIM, *asked, timeout_s=PULL_S).returncode:
        raise EngineError("its containers reach no package index, so nothing can be built in it")
    return made


def _make_slim(engine: Engine, folder: Path) -> None:
    _build(engine, SLIM, "slim.Dockerfile", _python_context(engine, folder))


def _make_lambda(engine: Engine, folder: Path) -> None:
    context, python, emulator = _python_context(engine, folder), find_python(), find_emulator()
    if emulator is None:
        raise EngineError("there is no Lambda runtime emulator: `make .venv-sam/.ready`")
    if python is not None and not (context / "runtime").exists():
        install_runtime(python, context)
    shutil.copy(emulator, context / "aws-lambda-rie")
    shutil.copy(RECIPES / "lambda-entrypoint.sh", context)
    _build(engine, LAMBDA, "lambda.Dockerfile", context)


def _build(engine: Engine, image: str, recipe: str, context: Path) -> None:
    done = engine.run("build", "--quiet", "--tag", image, "--file", str(RECIPES / recipe), str(context))
    if done.returncode:
        raise EngineError(f"the stand-in for {image} can't be built: {done.stderr.strip()[-300:]}")


def _python_context(engine: Engine, folder: Path) -> Path:
    """Put this machine's Python into a folder to build from, once, and Debian into the engine."""
    context, python = folder / "context", find_python()
    if python is None:
        raise EngineError("no registry answers, and there is no python3.13 to make a stand-in of")
    if not (context / "python").exists():
        home, left_out = python.resolve().parent.parent, shutil.ignore_patterns(*LEFT_OUT)
        for part in ("bin", "lib"):
            shutil.copytree(home / part, context / "python" / part, symlinks=True, ignore=left_out)
    if not engine.has(DEBIAN):
        _import_debian(engine, folder)
    return context


def _import_debian(engine: Engine, folder: Path) -> None:
    install("debootstrap", ("debootstrap",))
    root = folder / "debian"
    shutil.rmtree(root, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={LIBRARIES}", SUITE, str(root)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise EngineError(f"debootstrap fails: {done.stdout.strip().splitlines()[-1:]}")
    # An image trusts whom this machine trusts: a network may have an authority of its own.
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    packed = folder / "debian.tar"
    subprocess.run(
        ["tar", "--create", "--numeric-owner", "--file", packed, "--directory", root, "."], check=True
    )
    if engine.run("import", str(packed), DEBIAN).returncode:
        raise EngineError("Debian's system can't be imported")
    packed.unlink()
    shutil.rmtree(root)
