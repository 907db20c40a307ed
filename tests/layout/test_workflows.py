"""Workflows run nothing that isn't pinned, and keep no keys."""

import re

import pytest

from tests.deployment import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_hash(path):
    used = re.findall(r"uses: (\S+)", path.read_text())

    outside = [action for action in used if not action.startswith("./")]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in outside)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_has_a_secret_or_may_write(path):
    text = path.read_text()

    assert "secrets." not in text
    assert "contents: write" not in text
    assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE)
