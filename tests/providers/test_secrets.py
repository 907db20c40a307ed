"""Secrets: the same for a file and for AWS, and shown nowhere."""

import stat
import uuid

import pytest

from timbral.errors import InvalidRequest
from timbral.providers.lastfm import LastfmKey
from timbral.providers.lastfm_names import checked_token, checked_username
from timbral.providers.secrets import AwsSecrets, FileSecrets


@pytest.fixture(params=["file", "aws"])
def secrets(request, tmp_path):
    if request.param == "file":
        return FileSecrets(tmp_path / "kept" / "secrets.json")
    import boto3

    options = request.getfixturevalue("s3_options")
    client = boto3.client(
        "secretsmanager",
        endpoint_url=options["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )
    return AwsSecrets(client, f"timbral/{uuid.uuid4().hex}/", lambda: 0.0)


def test_a_secret_is_kept_replaced_and_forgotten(secrets):
    assert secrets.get("lastfm/session") is None

    secrets.put("lastfm/session", "one")
    secrets.put("lastfm/session", "two")
    assert secrets.get("lastfm/session") == "two"
    secrets.delete("lastfm/session")
    secrets.delete("lastfm/session")
    assert secrets.get("lastfm/session") is None


def test_a_file_of_secrets_is_its_owner_s_alone(tmp_path):
    path = tmp_path / "kept" / "secrets.json"

    FileSecrets(path).put("name", "value")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_given_secrets_go_first_and_are_never_written(tmp_path):
    secrets = FileSecrets(tmp_path / "secrets.json", {"lastfm/api_key": "given"})

    secrets.put("other", "kept")

    assert secrets.get("lastfm/api_key") == "given"
    assert "given" not in (tmp_path / "secrets.json").read_text()


def test_a_key_doesn_t_show():
    assert "s3cret" not in repr(LastfmKey("s3cret", "s3cret"))


@pytest.mark.parametrize("name", ["", "a", "x" * 16, "r j", "rj&method=x", "../rj", "rj\n", "ñandú", "1up"])
def test_what_is_no_user_name_is_never_sent(name):
    with pytest.raises(InvalidRequest, match="username must be a Last"):
        checked_username(name)


def test_a_forged_token_isn_t_repeated():
    with pytest.raises(InvalidRequest) as raised:
        checked_token("s3cret&x=1")

    assert "s3cret" not in str(raised.value)
    assert checked_token("a" * 32)
