"""Accounts of Last.fm, over queues and events to rows: the same rows as a folder has."""

import json
import random
import time

import pytest

from tests.functions.inbox import Inbox, properties
from tests.providers.fake_lastfm import KEY, SECRET, TOKEN, FakeLastfm, history
from tests.providers.fake_server import serving
from tests.pulling.lastfm_pulls import truth
from timbral.operations.background import work_in_background
from timbral.settings import Settings
from timbral.store.listeners import listener_prefix
from timbral.tables.raw import USER_ARTISTS_RAW, USER_SCROBBLES_RAW, USER_TRACKS_RAW
from timbral.wiring import Services

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")
TABLES = (USER_SCROBBLES_RAW, USER_TRACKS_RAW, USER_ARTISTS_RAW)


def rows_of(tables):
    """Return what the store says of a listener, without when that was learned."""
    return {
        table.name: [
            {name: value for name, value in row.items() if name != "observed_at_uts"}
            for row in tables.read(table, tables.current(table)).to_pylist()
        ]
        for table in TABLES
    }


class Account:
    """A queue of pulls as the template makes it, and what Lambda does between it and its function."""

    def __init__(self, deployment, client, monkeypatch):
        self.inbox = Inbox(deployment, client)
        self.deployment, self.sqs = deployment, client("sqs")
        self.dead, dead_arn = self.inbox.make_queue(f"{deployment.bucket}-pull-failures", {})
        redrive = properties("LastfmQueue")["RedrivePolicy"] | {"deadLetterTargetArn": dead_arn}
        attributes = {"RedrivePolicy": json.dumps(redrive)}
        self.url, _ = self.inbox.make_queue(f"{deployment.bucket}-pulls", attributes)
        prefix = f"{deployment.bucket}/"
        client("secretsmanager").create_secret(
            Name=f"{prefix}lastfm", SecretString=json.dumps({"api_key": KEY, "secret": SECRET})
        )
        client("secretsmanager").create_secret(
            Name=f"{prefix}listeners", SecretString=json.dumps({"sealing_keys": "k" * 64})
        )
        monkeypatch.setenv("TIMBRAL_LASTFM_QUEUE_URL", self.url)
        monkeypatch.setenv("TIMBRAL_SECRETS_PREFIX", prefix)
        endpoint = self.sqs.meta.endpoint_url
        monkeypatch.setenv("TIMBRAL_QUEUE_ENDPOINT", endpoint)
        monkeypatch.setenv("TIMBRAL_SECRETS_ENDPOINT", endpoint)

    def hand_over(self):
        """Hand the next message to the function; it stays if that fails. Say whether there was one."""
        (message, *_) = self.sqs.receive_message(QueueUrl=self.url, VisibilityTimeout=0).get("Messages") or [
            None
        ]
        if message is None:
            return False
        record = {"messageId": "m0", "body": message["Body"], "eventSource": "aws:sqs"}
        try:
            self.deployment.invoke("raw_pull_lastfm", {"Records": [record]})
        except Exception:  # noqa: BLE001  when all fail the function raises, and all messages stay
            return True
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return True

    def work(self):
        """Hand messages over until none is left, of pulls and of what has landed."""
        while self.hand_over():
            pass
        while self.inbox.messages(self.inbox.queue):
            self.inbox.hand_over()


@pytest.fixture
def account(deployment, client, monkeypatch):
    return Account(deployment, client, monkeypatch)


def folder_services(tmp_path, url):
    return Services(
        Settings(
            store_root=str(tmp_path / "store"),
            lastfm_address=url,
            lastfm_api_key=KEY,
            lastfm_secret=SECRET,
            secrets_file=tmp_path / "secrets.json",
            secrets_prefix=None,
            lastfm_queue_url=None,
            answers_land_by_events=False,
        )
    )


def pull_in_folder(services, listener):
    """Import as one machine does, and wait until it is over."""
    job = services.outside.imports.begin(listener, "lastfm", int(time.time()), account="rj")
    work_in_background(services)
    for _ in range(600):
        if not services.outside.jobs.get(listener, job.job_id).is_under_way:
            return services.outside.jobs.get(listener, job.job_id)
        time.sleep(0.1)
    raise AssertionError("the import never ends")


def test_a_bucket_s_queues_and_events_give_the_rows_that_a_folder_gives(account, tmp_path, monkeypatch):
    fake = FakeLastfm(history(random.Random(3), 900))
    with serving(fake) as server:
        monkeypatch.setenv("TIMBRAL_LASTFM_ADDRESS", server.url)
        services = account.deployment.services()
        job = services.outside.imports.begin("ada", "lastfm", int(time.time()), account="rj")
        account.work()
        here = folder_services(tmp_path, server.url)
        done_here = pull_in_folder(here, "ada")

    services = account.deployment.services()
    done = services.outside.jobs.get("ada", job.job_id)
    assert (done.state, done_here.state) == ("done", "done")
    assert done.rows_count == done_here.rows_count == 900
    assert rows_of(services.tables) == rows_of(here.tables)
    plays = [
        (row["scrobbled_at_uts"], row["artist"], row["track"], row["album"])
        for row in rows_of(services.tables)["user_scrobbles_raw"]
    ]
    assert plays == truth(fake)
    assert services.objects.exists(f"{listener_prefix('raw', 'ada')}/seeds.json")


def test_a_token_becomes_a_sealed_permission_and_everybody_is_pulled_by_the_hour(account, monkeypatch):
    fake = FakeLastfm(history(random.Random(4), 40))
    with serving(fake) as server:
        monkeypatch.setenv("TIMBRAL_LASTFM_ADDRESS", server.url)
        services = account.deployment.services()
        services.outside.imports.begin("ada", "lastfm", 1_000, token=TOKEN)
        account.work()
        asked_before = len(server.asked)
        everybody = properties("LastfmHourly")["Targets"][0]["Input"]
        account.sqs.send_message(QueueUrl=account.url, MessageBody=everybody)
        account.work()

        assert len(server.asked) > asked_before
    services = account.deployment.services()
    assert services.outside.connections.get("ada", "lastfm").account == "rj"
    stored = b"".join(services.objects.get(info.key) for info in services.objects.list("raw"))
    assert b"invented-session" not in stored
    assert TOKEN.encode() not in stored


def test_a_forged_token_ends_the_import_and_is_asked_once(account, monkeypatch):
    fake = FakeLastfm([])
    with serving(fake) as server:
        monkeypatch.setenv("TIMBRAL_LASTFM_ADDRESS", server.url)
        imports = account.deployment.services().outside.imports
        job = imports.begin("eve", "lastfm", int(time.time()), token="f" * 32)
        account.work()

        assert len(server.asked) == 1
    ended = account.deployment.services().outside.jobs.get("eve", job.job_id)
    assert (ended.state, ended.reason) == ("refused", "expired")


@pytest.mark.parametrize(("code", "reason"), [(17, "private"), (6, "unknown")])
def test_an_account_that_is_hidden_or_unknown_is_refused_once_and_left_alone(
    account, monkeypatch, code, reason
):
    fake = FakeLastfm(history(random.Random(5), 5))
    fake.refusal = code
    with serving(fake) as server:
        monkeypatch.setenv("TIMBRAL_LASTFM_ADDRESS", server.url)
        imports = account.deployment.services().outside.imports
        job = imports.begin("ada", "lastfm", int(time.time()), account="rj")
        account.work()
        asked_count = len(server.asked)
        account.sqs.send_message(QueueUrl=account.url, MessageBody='{"kind": "everybody"}')
        account.work()

        assert len(server.asked) == asked_count
    ended = account.deployment.services().outside.jobs.get("ada", job.job_id)
    assert (ended.state, ended.reason) == ("refused", reason)


def test_poison_goes_to_the_dead_letters_after_three_tries(account):
    account.sqs.send_message(QueueUrl=account.url, MessageBody='{"kind": "unknown"}')

    for _ in range(5):
        account.hand_over()

    assert [one["Body"] for one in account.inbox.messages(account.dead)] == ['{"kind": "unknown"}']
