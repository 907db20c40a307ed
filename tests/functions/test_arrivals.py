"""Answers, dumps and records of a stream become rows, in a bucket as in a folder; poison is sent away."""

import base64
import json
import random

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.functions.queue_events import object_created, queue_event
from tests.providers.fake_spotify import track
from timbral.raw.answers.envelope import Asked, keep_answer
from timbral.raw.answers.loading import load_answer
from timbral.store.obstore_objects import open_objects
from timbral.store.quarantine import read_quarantine
from timbral.store.tables import Tables
from timbral.tables.raw import ALBUM_REVIEWS_AOTY, ALBUMS_AOTY, TRACKS_SPOTIFY

AT_MS = 1_700_000_000_000
ALBUM = {"artist": "Low", "title": "HEY WHAT", "genres": ["Slowcore"], "reviews": [{"text": "Vast."}]}
REVIEW = {"artist": "Low", "title": "HEY WHAT", "review_id": "r1", "text": "Holy.", "score": 80}
ANSWERS = [
    (Asked("spotify", "match", AT_MS // 1_000), {"track": track(1, "Low", "Words"), "genres": ["slowcore"]}),
    (Asked("spotify", "top-tracks", AT_MS // 1_000, "ann"), {"items": [track(2, "Low", "Monkey")]}),
    (Asked("aoty", "album", AT_MS // 1_000), ALBUM),
]


@pytest.fixture
def dead_letters(s3_options, monkeypatch, deployment):
    """A dead-letter queue; return what lies in it."""
    options = {"endpoint_url": s3_options["endpoint"], "region_name": s3_options["region"]}
    sqs = boto3.client("sqs", **options)
    url = sqs.create_queue(QueueName=f"{deployment.bucket}-dead")["QueueUrl"]
    monkeypatch.setenv("TIMBRAL_DEAD_LETTER_QUEUE_URL", url)
    monkeypatch.setenv("TIMBRAL_QUEUE_ENDPOINT", s3_options["endpoint"])

    def read():
        found = []
        while got := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += [(one["Body"], one["MessageAttributes"]["reason"]["StringValue"]) for one in got]
        return found

    return read


def rows_in(tables, *of):
    return [tables.read(table, tables.current(table)).to_pylist() for table in of]


def landed(deployment, objects):
    """Keep the answers and a dump; return the events of them."""
    keys = [keep_answer(objects, asked, json.dumps(value).encode()) for asked, value in ANSWERS]
    dump = "raw/dumps/aoty/2024/reviews.jsonl"
    objects.put(dump, json.dumps(REVIEW).encode() + b"\n")
    return [object_created(deployment.bucket, f"main/{key}") for key in [*keys, dump]]


@pytest.mark.parametrize("seed", range(3))
def test_answers_and_dumps_come_in_any_order_and_more_than_once_with_the_same_rows(deployment, seed):
    events = landed(deployment, deployment.services().objects) * 2
    random.Random(seed).shuffle(events)
    first = deployment.invoke("raw_load_objects", queue_event(*events))

    tracks, albums, reviews = rows_in(
        deployment.services().tables, TRACKS_SPOTIFY, ALBUMS_AOTY, ALBUM_REVIEWS_AOTY
    )
    assert first == {"batchItemFailures": []}
    assert [row["track"] for row in tracks] == ["Words", "Monkey"]
    assert [(row["title"], row["observed_at_uts"]) for row in albums] == [("HEY WHAT", AT_MS // 1_000)]
    assert sorted(row["text"] for row in reviews) == ["Holy.", "Vast."]


def test_a_folder_and_a_bucket_have_the_same_rows(deployment, tmp_path):
    deployment.invoke("raw_load_objects", queue_event(*landed(deployment, deployment.services().objects)))
    folder = Tables(open_objects(str(tmp_path / "store")), tmp_path / "scratch")
    for asked, value in ANSWERS:
        load_answer(folder, keep_answer(folder.objects, asked, json.dumps(value).encode()))

    both = [rows_in(tables, TRACKS_SPOTIFY, ALBUMS_AOTY) for tables in (deployment.services().tables, folder)]
    assert both[0] == both[1]


@pytest.mark.parametrize(
    "key",
    [
        "main/raw/answers/spotify/../../../timbral.json",
        "main/raw/answers/nobody/knows/1-2-3.json",
        "main/raw/dumps/aoty/../../timbral.json",
        "main/raw/dumps/other/file.json",
        "other/raw/answers/spotify/match/1.json",
    ],
)
def test_what_lies_elsewhere_or_is_gone_is_refused(deployment, key):
    with pytest.raises(BatchProcessingError):
        deployment.invoke("raw_load_objects", queue_event(object_created(deployment.bucket, key)))


def test_poison_goes_to_the_dead_letters_with_its_reason_and_only_it(deployment, dead_letters):
    objects = deployment.services().objects
    objects.put("raw/dumps/aoty/broken.json", b"\x00\x01 no json")
    poison = object_created(deployment.bucket, "main/raw/dumps/aoty/broken.json")
    event = queue_event(poison, *landed(deployment, objects), {"detail": "nonsense"})
    event["Records"][-1]["body"] = "not json at all"

    answer = deployment.invoke("raw_load_objects", event)

    found = dict(dead_letters())
    assert answer == {"batchItemFailures": []}
    assert "broken.json is no JSON: a dump is a list" in found[json.dumps(poison)]
    assert "the message is no JSON" in found["not json at all"]
    assert len(found) == 2
    assert len(rows_in(deployment.services().tables, TRACKS_SPOTIFY)[0]) == 2


def record(offset, value, partition=0):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return {
        "topic": "albums-new",
        "partition": partition,
        "offset": offset,
        "timestamp": AT_MS + offset * 1_000,
        "timestampType": "CREATE_TIME",
        "key": "a2V5",
        "value": base64.b64encode(data).decode(),
        "headers": [{"h": [1, 2]}],
    }


def kafka_event(source="aws:kafka", **partitions):
    records = {f"albums-new-{number[1:]}": found for number, found in partitions.items()}
    return {"eventSource": source, "bootstrapServers": "b-1.invalid:9092", "records": records}


@pytest.mark.parametrize("source", ["aws:kafka", "SelfManagedKafka"])
def test_a_stream_of_several_partitions_becomes_rows(deployment, source):
    other = ALBUM | {"title": "Double Negative", "reviews": None}
    event = kafka_event(source, p0=[record(7, ALBUM), record(8, [other, REVIEW])], p1=[record(0, REVIEW, 1)])

    answer = deployment.invoke("raw_load_objects", event)

    albums, reviews = rows_in(deployment.services().tables, ALBUMS_AOTY, ALBUM_REVIEWS_AOTY)
    assert answer["records_count"] == 3
    assert answer["set_aside"] == {}
    assert {row["title"]: row["observed_at_uts"] for row in albums} == {
        "HEY WHAT": 1_700_000_007,
        "Double Negative": 1_700_000_008,
    }
    assert sorted(row["text"] for row in reviews) == ["Holy.", "Vast."]


def test_a_poison_record_is_sent_away_with_its_reason_and_does_not_block_its_partition(
    deployment, dead_letters
):
    broken = ALBUM | {"critic_score": 430, "reviews": None}
    tombstone, no_base64 = record(6, b"") | {"value": None}, record(7, b"") | {"value": "***"}
    batch = [
        record(3, b"\xff no json"),
        record(4, broken),
        record(5, 17),
        tombstone,
        no_base64,
        record(8, ALBUM),
    ]

    answer = deployment.invoke("raw_load_objects", kafka_event(p2=batch))

    assert [row["title"] for row in rows_in(deployment.services().tables, ALBUMS_AOTY)[0]] == ["HEY WHAT"]
    assert answer["set_aside"] == {
        "is no JSON": 1,
        "critic_score is above 100": 1,
        "is JSON, but neither an object nor a list of objects": 1,
        "is no base64": 1,
    }
    letters = {json.loads(body)["offset"]: reason for body, reason in dead_letters()}
    assert letters == {
        3: "albums-new-2:3: is no JSON",
        4: "albums-new-2:4: critic_score is above 100",
        5: "albums-new-2:5: is JSON, but neither an object nor a list of objects",
        7: "albums-new-2:7: is no base64",
    }
    assert len(list(read_quarantine(deployment.services().objects))) == 4


def test_a_batch_that_comes_again_or_cut_otherwise_changes_nothing(deployment):
    records = [record(at, ALBUM | {"title": f"Album {at}", "reviews": None}) for at in range(6)]
    objects = deployment.services().objects

    deployment.invoke("raw_load_objects", kafka_event(p0=records))
    before = {info.key: objects.get(info.key) for info in objects.list("raw/albums_aoty")}
    deployment.invoke("raw_load_objects", kafka_event(p0=records[::-1]))
    after = {info.key: objects.get(info.key) for info in objects.list("raw/albums_aoty")}
    rows = rows_in(deployment.services().tables, ALBUMS_AOTY)
    deployment.invoke("raw_load_objects", kafka_event(p0=records[2:5]))

    assert before == after
    assert rows_in(deployment.services().tables, ALBUMS_AOTY) == rows


@pytest.mark.parametrize("records", [{"t-0": [{"offset": -1}]}, {"t-0": "none"}, {"t-0": [{}]}])
def test_an_event_that_is_no_streams_is_refused(deployment, records):
    with pytest.raises(Exception, match="the event's field 'records"):
        deployment.invoke("raw_load_objects", {"records": records})
