"""Secrets: the same for a file and for AWS, and shown nowhere."""

import stat
import uuid

import pytest

from timbral.errors import InvalidRequest, StoreError
from timbral.providers.lastfm import LastfmKey
from timbral.providers.lastfm_names import checked_token, checked_username
from timbral.providers.sealed import SealedSecrets
from timbral.providers.secrets import CACHED_S, AwsSecrets, FileSecrets
from timbral.pulling.connections import secret_name
from timbral.store.listeners import listener_key, listener_prefix
from timbral.store.obstore_objects import open_objects


@pytest.fixture
def manager(s3_options):
    import boto3

    return boto3.client(
        "secretsmanager",
        endpoint_url=s3_options["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )


class Given:
    """Secrets that are given."""

    def __init__(self, **values):
        self.values = values

    def get(self, name):
        return self.values.get(name.replace("/", "_"))


@pytest.fixture(params=["file", "sealed"])
def kept(request, tmp_path):
    if request.param == "file":
        return FileSecrets(tmp_path / "kept" / "secrets.json")
    return SealedSecrets(open_objects("memory://"), Given(listeners_sealing_keys="k" * 40))


def test_a_secret_is_kept_replaced_and_forgotten(kept):
    name = secret_name("ada", "lastfm", "permission")
    assert kept.get(name) is None

    kept.put(name, "one")
    kept.put(name, "two")
    assert kept.get(name) == "two"
    kept.delete(name)
    kept.delete(name)
    assert kept.get(name) is None


def test_a_sealed_secret_is_unreadable_and_lies_among_its_listener_s_objects():
    objects = open_objects("memory://")

    SealedSecrets(objects, Given(listeners_sealing_keys="k" * 40)).put(
        secret_name("ada", "lastfm", "token"), "s3cret"
    )

    keys = [info.key for info in objects.list(listener_prefix("raw", "ada"))]
    assert len(keys) == 1
    assert b"s3cret" not in objects.get(keys[0])


def test_keys_can_be_changed_while_secrets_stay():
    objects, name = open_objects("memory://"), secret_name("ada", "lastfm", "token")
    SealedSecrets(objects, Given(listeners_sealing_keys="a" * 32)).put(name, "kept")

    both = SealedSecrets(objects, Given(listeners_sealing_keys=f"{'b' * 32} {'a' * 32}"))
    other = SealedSecrets(objects, Given(listeners_sealing_keys="b" * 32))

    assert both.get(name) == "kept"
    with pytest.raises(StoreError, match="another key"):
        other.get(name)


def test_a_secret_that_was_moved_opens_nobody_else_s_account():
    objects = open_objects("memory://")
    sealed = SealedSecrets(objects, Given(listeners_sealing_keys="k" * 40))
    ada, bob = (secret_name(who, "lastfm", "permission") for who in ("ada", "bob"))
    sealed.put(ada, "ada's")
    (key,) = (info.key for info in objects.list(listener_prefix("raw", "ada")))

    objects.put(key.replace(listener_key("ada"), listener_key("bob")), objects.get(key))

    with pytest.raises(StoreError, match="another's name"):
        sealed.get(bob)


@pytest.mark.parametrize("keys", [None, "", "short"])
def test_without_a_good_key_nothing_is_sealed(keys):
    sealed = SealedSecrets(open_objects("memory://"), Given(listeners_sealing_keys=keys))

    with pytest.raises(StoreError, match="sealing_keys"):
        sealed.put("owner/lastfm/token", "value")


def test_secrets_of_aws_are_fields_of_json_objects_and_are_remembered_for_a_while(manager):
    prefix, now_s = f"timbral-{uuid.uuid4().hex}/", [0.0]
    secrets = AwsSecrets(manager, prefix, lambda: now_s[0])
    assert secrets.get("lastfm/api_key") is None
    manager.create_secret(Name=f"{prefix}lastfm", SecretString='{"api_key": "one"}')
    assert secrets.get("lastfm/api_key") is None

    now_s[0] = CACHED_S + 1

    assert secrets.get("lastfm/api_key") == "one"
    assert secrets.get("lastfm/secret") is None


def test_a_secret_of_aws_that_is_no_object_is_not_repeated(manager):
    prefix = f"timbral-{uuid.uuid4().hex}/"
    manager.create_secret(Name=f"{prefix}lastfm", SecretString="s3cret")

    with pytest.raises(StoreError, match="no JSON object") as raised:
        AwsSecrets(manager, prefix, lambda: 0.0).get("lastfm/api_key")

    assert "s3cret" not in str(raised.value)


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
