"""Spotify by its queue and the bucket's events: the rows that a folder has."""

import json
import time

import pytest

from tests.core.stores import add
from tests.functions.inbox import Inbox, properties
from tests.providers.fake_server import serving
from tests.providers.fake_spotify import FakeSpotify, track
from timbral.core import run as core
from timbral.operations.importing import do_message
from timbral.operations.spotify import SPOTIFY
from timbral.progress import Silent
from timbral.raw.run import run as pin
from timbral.settings import Settings
from timbral.tables.raw import TRACKS_SPOTIFY, USER_SCROBBLES_RAW
from timbral.wiring import Services

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")
NAMES = [("Low", "Words"), ("Low", "Sunflower"), ("Air", "Venus"), ("Nobody", "Nothing")]
CATALOGUE = [track(at, artist, title) for at, (artist, title) in enumerate(NAMES[:3])]
CODE = ("code-1", "https://app.example/back", None)


def fill(tables):
    """Have tracks that Spotify hasn't been asked for."""
    rows = [
        {"listener_id": "bob", "artist": artist, "track": title, "scrobbled_at_uts": 1_700_000_000 + at}
        for at, (artist, title) in enumerate(NAMES)
    ]
    add(tables, USER_SCROBBLES_RAW, *rows)
    pins = dict(pin(tables, {}, Silent()).snapshots)
    core.run(tables, pins, Silent())


def rows_of(tables):
    rows = tables.read(TRACKS_SPOTIFY, tables.current(TRACKS_SPOTIFY)).to_pylist()
    return [{name: value for name, value in row.items() if name != "observed_at_uts"} for row in rows]


def work(queue_url, sqs, deployment):
    """Hand each message to the function, as Lambda does."""
    while found := sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=30).get("Messages"):
        record = {"messageId": "m0", "body": found[0]["Body"], "eventSource": "aws:sqs"}
        answer = deployment.invoke("raw_pull_spotify", {"Records": [record]})
        assert answer["batchItemFailures"] == []
        sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=found[0]["ReceiptHandle"])


def test_a_bucket_s_queue_and_events_give_the_rows_that_a_folder_gives(
    deployment, client, monkeypatch, tmp_path
):
    inbox, sqs, secrets = Inbox(deployment, client), client("sqs"), client("secretsmanager")
    url, _ = inbox.make_queue(f"{deployment.bucket}-pulls", {})
    prefix = f"{deployment.bucket}/"
    app = {"client_id": "app", "client_secret": "hush"}
    secrets.create_secret(Name=f"{prefix}spotify", SecretString=json.dumps(app))
    secrets.create_secret(Name=f"{prefix}listeners", SecretString=json.dumps({"sealing_keys": "k" * 64}))
    for name in ("TIMBRAL_QUEUE_ENDPOINT", "TIMBRAL_SECRETS_ENDPOINT"):
        monkeypatch.setenv(name, sqs.meta.endpoint_url)
    monkeypatch.setenv("TIMBRAL_SPOTIFY_QUEUE_URL", url)
    monkeypatch.setenv("TIMBRAL_SECRETS_PREFIX", prefix)
    monkeypatch.setenv("TIMBRAL_SPOTIFY_REDIRECTS", '["https://app.example/back"]')
    fake = FakeSpotify(CATALOGUE, top=CATALOGUE[:2])
    with serving(fake) as server:
        for name in ("TIMBRAL_SPOTIFY_ADDRESS", "TIMBRAL_SPOTIFY_ACCOUNTS_ADDRESS"):
            monkeypatch.setenv(name, server.url)
        services = deployment.services()
        fill(services.tables)
        job = services.spotify.desk().connect("ada", int(time.time()), *CODE)
        sqs.send_message(QueueUrl=url, MessageBody=properties("SpotifyHourly")["Targets"][0]["Input"])
        work(url, sqs, deployment)
        while inbox.messages(inbox.queue):
            inbox.hand_over()

        here = Services(
            Settings(
                store_root=str(tmp_path / "store"),
                secrets_file=tmp_path / "secrets.json",
                secrets_prefix=None,
                spotify_queue_url=None,
                answers_land_by_events=False,
                spotify_client_id="app",
                spotify_client_secret="hush",
            )
        )
        fill(here.tables)
        here.spotify.desk().connect("ada", int(time.time()), *CODE)
        here.outside.queue("spotify").send(['{"kind": "catalogue"}'])
        while (body := here.outside.queue("spotify").take(0)) is not None:
            do_message(here, SPOTIFY, body, time.time() + 60)

    services = deployment.services()
    assert services.outside.jobs.get("ada", job.job_id).state == "done"
    assert rows_of(services.tables) == rows_of(here.tables)
    assert {row["track"] for row in rows_of(here.tables)} == {"Words", "Sunflower", "Venus"}
