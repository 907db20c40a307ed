"""The tree is what the README says, and holds nothing that doesn't belong there."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deployment import REPOSITORY
from timbral.stage import STAGES

TOP = {
    "LICENSE",
    "Makefile",
    "README.md",
    "batch",
    "functions",
    "infra",
    "layers",
    "pyproject.toml",
    "samconfig.toml",
    "template.yaml",
    "tests",
}
README = (REPOSITORY / "README.md").read_text()
MAKEFILE = (REPOSITORY / "Makefile").read_text()
WRITTEN = (".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".in", ".cfg", ".html")
HERE = Path(__file__).relative_to(REPOSITORY).as_posix()


def files():
    """Return the project's files: those that git has or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return [Path(line) for line in listed.splitlines() if (REPOSITORY / line).is_file()]


FILES = files()
PYTHON = [path for path in FILES if path.suffix == ".py"]


def lines_of(path):
    return (REPOSITORY / path).read_text(encoding="utf-8").splitlines()


def section(title):
    """Return a section of the README, empty if there is none."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_the_top_level_holds_what_a_newcomer_expects():
    found = {path.parts[0] for path in FILES}

    assert {name for name in found if not name.startswith(".")} == TOP


def test_what_the_readme_calls_a_folder_is_there():
    named = re.findall(r"^    (\S+)/\s", section("Layout").partition("The store, below")[0], re.MULTILINE)
    folders = [re.split(r"/?<", name)[0].rstrip("/") for name in named]

    assert folders
    assert all((REPOSITORY / folder).is_dir() for folder in folders)


def test_every_folder_of_the_top_level_is_in_the_readme():
    layout = section("Layout")

    assert all(f"    {name}/" in layout for name in TOP if (REPOSITORY / name).is_dir())


def test_every_make_command_of_the_readme_is_a_target():
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    commands = set(
        re.findall(r"\bmake ([a-z][a-z-]*)", "\n".join(re.findall(r"`[^`]+`|^make .*", README, re.MULTILINE)))
    )

    assert commands
    assert commands <= targets


def test_the_readme_gives_the_stages_in_their_order():
    assert " → ".join(STAGES) in README


def test_every_stage_is_a_sub_package():
    assert all((REPOSITORY / "layers" / "timbral" / "timbral" / stage).is_dir() for stage in STAGES)


def test_there_are_no_lock_files():
    names = {"poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "yarn.lock"}

    assert not [path for path in FILES if path.name in names]


def test_no_file_names_a_package_index():
    # Written apart, so that this file isn't one of them.
    found = re.compile(
        "|".join(["index" + "-url", "find" + "-links", "files.python" + "hosted", "pypi" + r"\.org"])
    )
    texts = [path for path in FILES if path.suffix in WRITTEN or path.name in {"Makefile", "Dockerfile"}]

    allowed = {"Makefile": "--no-emit-index" + "-url"}  # the switch that keeps it out
    for path in texts:
        for line in lines_of(path):
            assert not found.search(line.replace(allowed.get(path.name, "\0"), "")), f"{path}: {line.strip()}"


def test_every_requirement_is_pinned_and_hashed():
    for path in FILES:
        if re.fullmatch(r"(requirements|installer)\.txt", path.name):
            entries = re.sub(r"\\\n", "", (REPOSITORY / path).read_text()).splitlines()
            for entry in (line for line in entries if line and not line.startswith("#")):
                assert "==" in entry, f"{path}: {entry}"
                assert "--hash=sha256:" in entry, f"{path}: {entry[:80]}"


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_nothing_is_left_undone_or_waved_through_without_a_reason(path):
    undone = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "raise NotImplemented" + "Error"]))
    waved = re.compile(r"#\s*(?:ruff: )?noqa(?P<codes>:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?(?P<why>.*)")
    ignored = re.compile(r"#\s*type: ignore(?P<codes>\[[^\]]+\])?(?P<why>.*)")

    for number, line in enumerate(lines_of(path), start=1):
        where = f"{path}:{number}: {line.strip()}"
        assert not undone.search(line), where
        for found in filter(None, (waved.search(line), ignored.search(line))):
            if path.as_posix() == HERE:
                continue
            assert found["codes"], where
            assert found["why"].strip(" #"), where
