"""Spotify over real HTTP: what is chosen, what is remembered, and what no fault may change."""

import json

import pytest

from tests.providers.fake_server import Fault, serving
from tests.providers.fake_spotify import FakeSpotify, track
from tests.providers.faults import random_faults
from tests.pulling.spotify_bench import ASKED_AT_UTS, Bench, until_done, wanted
from timbral.core.matching import Described
from timbral.errors import SourceFailed, SourceRefused
from timbral.providers.calls import Call, Reply
from timbral.providers.spotify import judge_spotify, query_of
from timbral.pulling.spotify.catalogue import choose
from timbral.pulling.spotify.listener import (
    KnownTrack,
    SpotifyListener,
    fill_playlist,
    playlists_key,
    read_top_tracks,
    top_tracks_key,
)
from timbral.pulling.spotify.memory import PREFIX
from timbral.raw.answers.envelope import Asked, StoredAnswer
from timbral.raw.answers.spotify import read_page
from timbral.tables.raw import AUDIO_FEATURES_SPOTIFY

LIVE = track(1, "Low", "Words (Live)")
PLAIN = track(2, "Low", "Words", external_ids={"isrc": "USXX19400001"}, popularity=31)
OTHER = track(3, "Bee Gees", "Words")
CATALOGUE = [LIVE, OTHER, PLAIN, *(track(10 + at, f"Artist {at}", f"Song {at}") for at in range(30))]
MANY = wanted(("Low", "Words"), ("Nobody", "Nothing"), *((f"Artist {at}", f"Song {at}") for at in range(6)))


@pytest.fixture
def bench(folder_tables):
    def make(server, **options):
        return Bench(server, folder_tables, **options)

    return make


def test_the_first_result_is_not_chosen_for_being_first(bench):
    with serving(FakeSpotify(CATALOGUE)) as server:
        here = bench(server)
        report = here.pull(wanted(("Low", "Words")))

    assert (report.searched_count, report.matched_count) == (1, 1)
    assert [(row["spotify_id"], row["track"], row["genres"]) for row in here.rows()] == [
        (PLAIN["id"], "Words", ["dream pop", "slowcore"])
    ]
    [row] = here.rows()
    assert (row["isrc"], row["popularity"], row["year"]) == ("USXX19400001", 31, 2001)


def test_what_only_looks_alike_is_no_match():
    found = {"tracks": {"items": [LIVE, OTHER]}}

    assert choose(Described("Low", "Words"), found) is None


@pytest.mark.parametrize("found", [None, [], {"tracks": None}, {"tracks": {"items": [None, {"id": 1}, {}]}}])
def test_a_search_in_no_shape_at_all_finds_nothing(found):
    assert choose(Described("Low", "Words"), found) is None


def test_what_was_asked_is_not_asked_again(bench):
    with serving(FakeSpotify(CATALOGUE)) as server:
        here = bench(server)
        here.pull(MANY)
        asked_count = len(server.asked)
        again = here.pull(MANY)

        assert len(server.asked) == asked_count
    assert again.searched_count == 0


def test_audio_features_that_are_forbidden_are_asked_for_once_and_the_rest_works(bench):
    with serving(FakeSpotify(CATALOGUE, features_status=403)) as server:
        here = bench(server)
        report = here.pull(MANY)

        asked = [one for one in server.asked if "audio-features" in one.path]
    assert len(asked) == 1
    assert report.matched_count == 7
    assert here.rows(AUDIO_FEATURES_SPOTIFY) == []
    assert here.objects.exists(f"{PREFIX}/refused/audio-features.json")


def test_a_run_stops_at_its_budget_and_the_next_goes_on(bench):
    with serving(FakeSpotify(CATALOGUE)) as server:
        here = bench(server, calls_count=5)
        first = here.pull(MANY)
        here.counted.left_count = 1_000
        second = here.pull(MANY)

    assert first.retry_after_s is not None
    assert first.searched_count + second.searched_count == len(MANY)
    assert len(here.rows()) == 7


def test_a_token_that_runs_out_in_mid_run_is_renewed(bench):
    service = FakeSpotify(CATALOGUE, token_calls=4)
    with serving(service) as server:
        report = bench(server).pull(MANY)

    assert report.matched_count == 7
    assert service.tokens_count > 3


def test_a_time_to_come_back_is_kept_to_the_second(bench):
    def choose_fault(asked):
        return busy.pop() if asked.path == "/v1/search" and busy else None

    busy = [Fault("status", 429, {"retry-after": "17"})]
    with serving(FakeSpotify(CATALOGUE), choose_fault) as server:
        here = bench(server)
        here.pull(wanted(("Low", "Words")))

    assert 17 <= here.clock.at_s - ASKED_AT_UTS < 18


def test_a_permission_that_has_run_out_is_told_apart(bench):
    with serving(FakeSpotify(CATALOGUE)) as server:
        here = bench(server, refresh_token="revoked")
        with pytest.raises(SourceRefused) as raised:
            here.pull(MANY)

    assert raised.value.reason == "expired"
    assert "revoked" not in str(raised.value)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_listeners_top_tracks_and_playlists_are_read_in_both_shapes(bench, is_new):
    top = [*CATALOGUE[:3], *(track(100 + at, "Many", f"Top {at}") for at in range(60))]
    episode = {"type": "episode", "id": "e", "name": "talk", "artists": []}
    playlists = {"p1": [PLAIN, PLAIN, None, episode], "p0": CATALOGUE * 4}
    with serving(FakeSpotify(CATALOGUE, is_new=is_new, top=top, playlists=playlists)) as server:
        here = bench(server, refresh_token="refresh-1")
        report = SpotifyListener(here.spotify, here.objects, here.keep, "ann", ASKED_AT_UTS).pull()

    assert report == {"top_tracks": 63, "playlists": 2}
    assert read_top_tracks(here.objects, "ann")[2] == KnownTrack(PLAIN["id"], "Low", "Words")
    kept = json.loads(here.objects.get(playlists_key("ann")))["playlists"]
    assert [(one["id"], len(one["tracks"])) for one in kept] == [("p0", 33), ("p1", 1)]
    assert len(here.rows()) == 93
    assert read_top_tracks(here.objects, "bo") == []


@pytest.mark.parametrize("is_new", [True, False])
def test_a_playlist_is_filled_in_batches_of_a_hundred_and_never_twice(bench, is_new):
    tracks = [track(at, "A", f"T{at}") for at in range(250)]
    service = FakeSpotify(tracks, is_new=is_new, playlists={"p": tracks[:10]})
    ids = [one["id"] for one in tracks]
    with serving(service) as server:
        here = bench(server, refresh_token="refresh-1")
        added_count = fill_playlist(here.spotify, "p", ids)
        again_count = fill_playlist(here.spotify, "p", ids)

    assert [len(batch) for batch in service.added] == [100, 100, 40]
    assert (added_count, again_count) == (240, 0)


def test_a_batch_that_was_added_though_its_answer_was_lost_is_not_added_again(bench):
    tracks = [track(at, "A", f"T{at}") for at in range(150)]
    service = FakeSpotify(tracks, playlists={"p": []})
    lost = [Fault("reset"), Fault("reset")]

    def lose(asked):
        return lost.pop() if asked.method == "POST" and asked.path.endswith("/items") and lost else None

    with serving(service, lose) as server:
        here = bench(server, refresh_token="refresh-1")
        added_count = fill_playlist(here.spotify, "p", [one["id"] for one in tracks])

    assert added_count == 150
    assert [one["id"] for one in service.playlists["p"]] == [one["id"] for one in tracks]


def test_a_playlist_that_is_not_there_is_refused(bench):
    with serving(FakeSpotify([], playlists={})) as server, pytest.raises(SourceRefused) as raised:
        fill_playlist(bench(server, refresh_token="refresh-1").spotify, "p", ["x"])

    assert raised.value.reason == "unknown"


@pytest.fixture(scope="module")
def faultless(tmp_path_factory):
    """What tables are after a run without faults."""
    from timbral.store.obstore_objects import open_objects
    from timbral.store.tables import Tables

    folder = tmp_path_factory.mktemp("faultless")
    with serving(FakeSpotify(CATALOGUE, token_calls=9)) as server:
        here = Bench(server, Tables(open_objects(str(folder / "store")), folder / "scratch"))
        here.pull(MANY)
        return here.both()


def run_under_faults(seed, folder):
    """Pull under random faults until done; return the tables."""
    from timbral.store.obstore_objects import open_objects
    from timbral.store.tables import Tables

    with serving(FakeSpotify(CATALOGUE, token_calls=9), random_faults(seed)) as server:
        here = Bench(server, Tables(open_objects(str(folder / "store")), folder / "scratch"), calls_count=25)

        def work():
            here.counted.left_count = 25
            return here.pull(MANY)

        until_done(here.clock, work)
        return here.both()


@pytest.mark.parametrize("seed", range(10))
def test_after_recovery_the_tables_are_those_of_a_run_without_faults(seed, tmp_path, faultless):
    assert run_under_faults(seed, tmp_path) == faultless


@pytest.mark.slow
def test_after_recovery_from_any_of_many_schedules_the_tables_are_the_same(tmp_path, faultless):
    for seed in range(10, 210):
        assert run_under_faults(seed, tmp_path / str(seed)) == faultless, f"seed {seed}"


def test_a_pull_that_was_cut_off_goes_on_behind_the_playlists_that_it_read(bench):
    playlists = {f"p{at}": [PLAIN] for at in range(4)}
    with serving(FakeSpotify(CATALOGUE, playlists=playlists)) as server:
        here = bench(server, refresh_token="refresh-1")
        listener = SpotifyListener(here.spotify, here.objects, here.keep, "ann", ASKED_AT_UTS)
        server.choose_fault = lambda asked: Fault("html") if "/p2/" in asked.path else None
        with pytest.raises(SourceFailed):
            listener.pull()
        server.choose_fault = lambda _asked: None
        server.asked.clear()
        listener.pull()

        read = [one.path for one in server.asked if "/playlists/" in one.path]
    assert read == ["/v1/playlists/p2/items", "/v1/playlists/p3/items"]


def test_a_pull_that_failed_leaves_what_was_known_of_a_listener(bench):
    with serving(FakeSpotify(CATALOGUE, top=[PLAIN], playlists={})) as server:
        here = bench(server, refresh_token="refresh-1")
        SpotifyListener(here.spotify, here.objects, here.keep, "ann", ASKED_AT_UTS).pull()
        server.choose_fault = lambda asked: Fault("html") if "/me/" in asked.path else None
        with pytest.raises(SourceFailed):
            SpotifyListener(here.spotify, here.objects, here.keep, "ann", ASKED_AT_UTS).pull()

    assert here.objects.exists(top_tracks_key("ann"))
    assert len(read_top_tracks(here.objects, "ann")) == 1


def test_a_query_has_no_operators_of_its_own():
    assert query_of('AC:"DC"', "Now OR (Never)*") == 'track:"Now Never" artist:"AC DC"'


def test_an_error_within_an_answer_of_success_is_an_error():
    body = json.dumps({"error": {"status": 404, "message": "gone"}}).encode()

    with pytest.raises(SourceRefused):
        judge_spotify(Call("search"), Reply(200, {}, body), 0.0)


def answer_of(value, kind="playlist-items"):
    return StoredAnswer("key", Asked("spotify", kind, ASKED_AT_UTS), value)


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["GetUsersTopTracksRequest", "GetPlaylistsItemsRequest"])
def test_documented_pages_become_rows(realdata, name):
    page = json.loads((realdata / f"api/spotify/documented/{name}.json").read_text())
    [landing] = read_page(answer_of(page), None)

    ids = {
        item.get("id") or item["track"]["id"] for item in page["items"] if item.get("id") or item.get("track")
    }
    assert set(landing.rows.column("spotify_id").to_pylist()) == ids
    assert None not in landing.rows.column("artist").to_pylist()


@pytest.mark.realdata
def test_a_documented_page_of_episodes_has_no_tracks(realdata):
    page = json.loads((realdata / "api/spotify/documented/GetPlaylistsItemsRequest_Episode.json").read_text())
    [landing] = read_page(answer_of(page), None)

    assert landing.rows.num_rows == 0


@pytest.mark.realdata
def test_recorded_searches_are_answers_or_busy_and_each_finds_its_own_track(realdata):
    recorded = json.loads((realdata / "api/spotify/search_tracks.json").read_text())
    errors = [one for one in recorded if "error" in one]
    found = [one["tracks"]["items"][0] for one in recorded if "tracks" in one and one["tracks"]["items"]]

    for one in errors:
        with pytest.raises(Exception, match="status 429"):
            judge_spotify(Call("search"), Reply(200, {}, json.dumps(one).encode()), 0.0)
    assert (len(errors), len(found)) == (93, 97)
    for item in found:
        wanted_track = Described(item["artists"][0]["name"], item["name"])
        chosen = choose(wanted_track, {"tracks": {"items": [item]}})
        assert chosen is not None
        assert chosen[0]["id"] == item["id"]
