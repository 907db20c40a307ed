"""Layers built as SAM's builder makes them, for tests that weigh, import and run them."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.deployment import FUNCTIONS, LAYERS, functions, logical_id

BUILT = Path(os.environ["TIMBRAL_BUILT"]) if "TIMBRAL_BUILT" in os.environ else None
"""What ``sam build`` made, if a run of the tests is about that."""
ZIPS = {name: found for name, found in functions().items() if found.get("PackageType") != "Image"}


def find_python() -> Path | None:
    """Return a Python of the version that Lambda runs, for layers can be built with no other."""
    candidates = [shutil.which("python3.13"), *Path.home().glob(".pyenv/versions/3.13.*/bin/python3.13")]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "--version"], check=False, capture_output=True).returncode == 0:
            return Path(candidate)
    return None


def layer_folders(name: str) -> list[str]:
    """Return the folders of a function's layers."""
    return [layer["Ref"].removesuffix("Layer").lower() for layer in ZIPS[name]["Layers"]]


def build_layer(python: Path, layer: str, place: Path) -> None:
    """Build one layer into a folder."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    command = ["make", "-s", f"build-{layer.capitalize()}Layer", f"ARTIFACTS_DIR={place}"]
    subprocess.run(command, cwd=LAYERS / layer, check=True, env={**os.environ, "PATH": path})


def build_layers(python: Path, place: Path) -> Path:
    """Put every layer that a function has into a folder of its own: as SAM built it, or built here."""
    for layer in sorted({layer for name in ZIPS for layer in layer_folders(name)}):
        if BUILT:
            (place / layer).symlink_to(BUILT / f"{layer.capitalize()}Layer")
        else:
            build_layer(python, layer, place / layer)
    return place


def task_folder(name: str) -> Path:
    """Return the folder of a function's code: as SAM built it, or as it is."""
    return BUILT / logical_id(name) if BUILT else FUNCTIONS / name
