"""From the bucket by a rule and a queue to the function, wired as the template says; poison is set aside."""

import json

import pytest

from tests.deployment import functions, template
from tests.functions.inbox import Inbox, properties

PLAYS = b"artist,track,album,uts\nNina Simone,Sinnerman,Pastel Blues,1700000000\n"
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


def scrobbles(deployment):
    from timbral.tables.raw import USER_SCROBBLES_RAW

    tables = deployment.services().tables
    return tables.read(USER_SCROBBLES_RAW, tables.pin(USER_SCROBBLES_RAW)).num_rows


def test_a_poison_message_is_set_aside_and_the_others_come_in(deployment, client):
    inbox = Inbox(deployment, client)
    inbox.land("raw/inbox/ada/plays.csv", PLAYS)
    inbox.land("raw/inbox/ada/noise.bin", bytes(range(256)))
    inbox.land("releases/unrelated.csv", PLAYS)

    for _ in range(5):
        inbox.hand_over()

    (poison,) = inbox.messages(inbox.dead)
    assert json.loads(poison["Body"])["detail"]["object"]["key"] == "main/raw/inbox/ada/noise.bin"
    assert inbox.messages(inbox.queue) == []
    assert scrobbles(deployment) == 1


def test_the_queue_waits_longer_than_the_function_may_take():
    timeout_s = functions()["raw_load_objects"].get("Timeout", template()["Globals"]["Function"]["Timeout"])

    assert properties("InboxQueue")["VisibilityTimeout"] >= 6 * timeout_s
