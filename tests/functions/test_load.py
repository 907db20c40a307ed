import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.functions.queue_events import object_created, queue_event

PLAYS = b"artist,track,album,uts\nNina Simone,Sinnerman,Pastel Blues,1700000000\n"


@pytest.fixture
def landed(deployment):
    """Store a file in the inbox and return the event of it."""

    def land(name, data):
        deployment.services().objects.put(f"raw/inbox/{name}", data)
        return object_created(deployment.bucket, f"main/raw/inbox/{name}")

    return land


def scrobbles(deployment):
    from timbral.tables.raw import USER_SCROBBLES_RAW

    tables = deployment.services().tables
    return tables.read(USER_SCROBBLES_RAW, tables.pin(USER_SCROBBLES_RAW)).to_pylist()


def test_a_file_in_a_listeners_inbox_becomes_their_scrobbles(deployment, landed):
    event = queue_event(landed("ada/plays.csv", PLAYS))

    answer = deployment.invoke("raw_load_objects", event)

    assert answer == {"batchItemFailures": []}
    assert [(row["listener_id"], row["track"]) for row in scrobbles(deployment)] == [("ada", "Sinnerman")]


def test_a_file_that_comes_twice_counts_once(deployment, landed):
    event = queue_event(landed("ada/plays.csv", PLAYS), landed("ada/plays.csv", PLAYS))

    deployment.invoke("raw_load_objects", event)
    deployment.invoke("raw_load_objects", event)

    assert len(scrobbles(deployment)) == 1


def test_only_the_messages_that_failed_stay_in_the_queue(deployment, landed):
    good, bad = landed("ada/plays.csv", PLAYS), landed("ada/noise.bin", bytes(range(256)))
    gone = object_created(deployment.bucket, "main/raw/inbox/ada/never-stored.csv")

    answer = deployment.invoke("raw_load_objects", queue_event(good, bad, gone, {"detail": "nonsense"}))

    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m1", "m2", "m3"]
    assert len(scrobbles(deployment)) == 1


def test_the_mark_of_a_folder_is_no_file(deployment, landed):
    answer = deployment.invoke(
        "raw_load_objects", queue_event(landed("ada/plays.csv", PLAYS), landed("bo/", b""))
    )

    assert answer == {"batchItemFailures": []}


@pytest.mark.parametrize(
    "key", ["main/releases/current.json", "other/raw/inbox/ada/p.csv", "main/raw/inbox/a/b/c.csv"]
)
def test_an_object_outside_of_the_inbox_is_refused(deployment, key):
    event = queue_event(object_created(deployment.bucket, key))

    with pytest.raises(BatchProcessingError, match=r"detail\.object\.key"):
        deployment.invoke("raw_load_objects", event)
