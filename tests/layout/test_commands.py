"""The README's list of commands is the command line's."""

import re

import typer.main

from tests.deployment import REPOSITORY
from timbral.cli.application import application


def test_the_readme_lists_every_command_and_no_other():
    readme = (REPOSITORY / "README.md").read_text()
    listed = set(re.findall(r"^timbral ([a-z-]+)", readme, re.MULTILINE))

    assert listed == set(typer.main.get_command(application).commands)
