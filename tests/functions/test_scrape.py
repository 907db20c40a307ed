"""The function that looks up new releases, over a bucket and a stand-in of the site, held to its policy."""

import pytest

from tests.functions.queue_events import object_created, queue_event
from tests.providers.fake_server import serving
from tests.pulling.test_aoty import PATH, ROBOTS, WANTED, site
from timbral.pulling.aoty.requests import ask_for_album, requested_albums
from timbral.tables.raw import ALBUMS_AOTY

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


@pytest.fixture
def quick(monkeypatch):
    """Let nobody wait."""
    from timbral.providers.clock import SystemClock

    monkeypatch.setattr(SystemClock, "sleep", lambda _self, _seconds: None)


def test_nothing_is_asked_of_anyone_by_default(deployment, monkeypatch):
    ask_for_album(deployment.services().objects, WANTED)
    with serving(site()) as server:
        monkeypatch.setenv("TIMBRAL_AOTY_ADDRESS", server.url)
        answer = deployment.invoke("raw_scrape_aoty", {})

        assert server.asked == []
    assert answer["report"]["notes"] == {"aoty_scraping": "is off"}
    assert list(requested_albums(deployment.services().objects)) == [WANTED]


@pytest.mark.usefixtures("quick")
def test_an_album_that_was_asked_for_is_looked_up_and_comes_into_the_tables_by_its_events(
    deployment, monkeypatch
):
    ask_for_album(deployment.services().objects, WANTED)
    monkeypatch.setenv("TIMBRAL_AOTY_SCRAPING", "true")
    with serving(site(robots=ROBOTS.replace(b"7", b"1"))) as server:
        monkeypatch.setenv("TIMBRAL_AOTY_ADDRESS", server.url)
        answer = deployment.invoke("raw_scrape_aoty", {})

        assert [one.path for one in server.asked] == ["/robots.txt", "/search/albums/", PATH]
    objects = deployment.services().objects
    events = [
        object_created(deployment.bucket, f"main/{info.key}") for info in objects.list("raw/answers/aoty")
    ]
    deployment.invoke("raw_load_objects", queue_event(*events))
    tables = deployment.services().tables

    assert (answer["report"]["rows_count"], answer["report"]["computed_count"]) == (1, 1)
    assert [row["title"] for row in tables.read(ALBUMS_AOTY, tables.current(ALBUMS_AOTY)).to_pylist()] == [
        "Salt & Static"
    ]
    assert list(requested_albums(objects)) == []
