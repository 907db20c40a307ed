"""`timbral pull` and `timbral identity`, as people run them."""

import json
import random

import pytest
from typer.testing import CliRunner

from tests.deployment import REPOSITORY
from tests.providers.fake_lastfm import KEY, FakeLastfm, history
from tests.providers.fake_server import serving
from timbral.cli.application import application


@pytest.fixture
def timbral(tmp_path, monkeypatch):
    monkeypatch.setenv("TIMBRAL_SECRETS_FILE", str(tmp_path / "secrets.json"))

    def run(*words):
        return CliRunner().invoke(application, ["--store", str(tmp_path / "store"), "--json", *words])

    return run


def test_an_account_is_pulled_into_a_folder(timbral, monkeypatch):
    with serving(FakeLastfm(history(random.Random(1), 30))) as server:
        monkeypatch.setenv("TIMBRAL_LASTFM_ADDRESS", server.url)
        monkeypatch.setenv("TIMBRAL_LASTFM_API_KEY", KEY)

        result = timbral("pull", "lastfm", "RJ", "--listener", "ada")

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0, result.output
    assert told[-1]["listener"] == "ada"
    assert told[-1]["scrobbles"] == 30
    assert KEY not in result.output


def test_without_a_key_nothing_is_asked(timbral):
    result = timbral("pull", "lastfm", "rj")

    assert "set TIMBRAL_LASTFM_API_KEY" in str(result.exception)


def test_the_identity_is_scored_by_trap(timbral):
    result = timbral("identity", "score", str(REPOSITORY / "tests" / "core" / "identity_pairs.csv"))

    every = [json.loads(line) for line in result.stdout.splitlines()][-1]
    assert every["trap"] == "all"
    assert every["precision"] >= 0.995
    assert every["recall"] >= 0.95
