"""Pulling a Last.fm account over real HTTP: nothing lost, nothing doubled, whatever goes wrong."""

import random

import pytest

from tests.providers.fake_lastfm import SESSION, TOKEN, FakeLastfm, history, scrobble
from tests.providers.fake_server import Fault, serving
from tests.providers.senders import NOW_S, TestClock
from tests.pulling.lastfm_pulls import api_to, pull, pull_until_done, scrobbles, truth
from timbral.errors import SourceRefused
from timbral.providers.lastfm import sign
from timbral.pulling.lastfm.progress import read_state
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.raw import USER_ARTISTS_RAW, USER_SCROBBLES_RAW, USER_TRACKS_RAW

DAY_S = 86_400
FAULTS = (
    Fault("status", 500),
    Fault("status", 502),
    Fault("status", 400),
    Fault("status", 429),
    Fault("status", 429, {"retry-after": "11"}),
    Fault("html"),
    Fault("truncated"),
    Fault("short"),
    Fault("reset"),
)
WRONG = ("duplicate_page", "reordered_page", "error_29", "error_8", "page_of_another")


@pytest.fixture
def store(tmp_path):
    return Tables(open_objects("memory://"), tmp_path / "scratch")


def account(seed, count):
    return FakeLastfm(history(random.Random(seed), count))


@pytest.mark.parametrize("count", [0, 1, 2, 199, 200, 201, 1_234])
def test_an_account_of_any_size_comes_in_whole(store, count):
    fake = account(1, count)
    with serving(fake) as server:
        pulled = pull(server, store)

    assert scrobbles(store) == truth(fake)
    assert pulled.is_done
    assert pulled.total == count


def test_counts_come_in_beside_plays(store):
    fake = account(2, 300)
    with serving(fake) as server:
        pull(server, store)

    artists = store.read(USER_ARTISTS_RAW, store.current(USER_ARTISTS_RAW)).to_pylist()
    tracks = store.read(USER_TRACKS_RAW, store.current(USER_TRACKS_RAW)).to_pylist()
    assert sum(row["plays_count"] for row in artists) == 300
    assert sum(row["plays_count"] for row in tracks) == 300


def test_a_second_pull_writes_nothing_when_nothing_has_changed(store):
    fake, clock = account(3, 500), TestClock()
    with serving(fake) as server:
        pull(server, store, clock)
        before = store.current(USER_SCROBBLES_RAW)
        clock.sleep(DAY_S)
        asked_count = len(server.asked)
        pull(server, store, clock)

    assert store.current(USER_SCROBBLES_RAW).id == before.id
    assert len(server.asked) - asked_count < 12


def test_what_is_deleted_edited_or_late_is_so_here_too(store):
    fake, clock = account(4, 400), TestClock()
    fake.plays = [scrobble(int(NOW_S) - 7_000 * at, "New", f"Song {at}") for at in range(1, 30)] + fake.plays
    with serving(fake) as server:
        pull(server, store, clock)
        del fake.plays[3]
        fake.plays[5] |= {"track": "Another title"}
        fake.plays[7] |= {"album": "Another album"}
        fake.plays.insert(9, scrobble(fake.plays[9]["uts"] + 5, "Late", "From a train"))
        clock.sleep(DAY_S)
        fake.plays.insert(0, scrobble(int(clock.now_s()) - 60, "Newest", "Song"))
        pull(server, store, clock)

    assert scrobbles(store) == truth(fake)


def test_what_goes_and_comes_back_is_there(store):
    fake, clock = account(4, 50), TestClock()
    play = scrobble(int(NOW_S) - 7_000, "Gone", "And back")
    with serving(fake) as server:
        for plays in ([play, *fake.plays], fake.plays, [play, *fake.plays]):
            fake.plays = plays
            pull(server, store, clock)
            clock.sleep(3_600)

    assert scrobbles(store) == truth(fake)


def test_an_old_play_that_is_deleted_goes_here_too(store):
    fake, clock = account(5, 900), TestClock()
    with serving(fake) as server:
        pull(server, store, clock)
        del fake.plays[700]
        clock.sleep(DAY_S)
        pull(server, store, clock)

    assert scrobbles(store) == truth(fake)


def test_a_long_history_is_sliced_over_many_invocations(store):
    fake, clock = account(6, 2_500), TestClock()
    with serving(fake) as server:
        fake.before_answer = lambda _asked: clock.sleep(1)
        pulls = []
        while not pulls or not pulls[-1].is_done:
            pulls.append(pull(server, store, clock, seconds=25))

    assert len(pulls) > 3
    assert scrobbles(store) == truth(fake)


def test_plays_that_arrive_or_go_while_pages_are_walked_shift_nothing_out(store):
    random_ = random.Random(7)
    fake, clock = account(7, 1_500), TestClock()

    def change(asked):
        if asked.params.get("page", "1") != "1" and random_.random() < 0.3:
            at = random_.randrange(len(fake.plays))
            if random_.random() < 0.5:
                del fake.plays[at]
            else:
                fake.plays.insert(at, scrobble(fake.plays[at]["uts"] + 1, "Shifted", f"Song {at}"))

    with serving(fake) as server:
        fake.before_answer = change
        pull_until_done(server, store, clock)
        fake.before_answer = lambda _asked: None
        clock.sleep(DAY_S)
        pull_until_done(server, store, clock)

    assert set(truth(fake)) <= set(scrobbles(store))


@pytest.mark.parametrize(("code", "reason"), [(17, "private"), (26, "forbidden"), (9, "expired")])
def test_a_refusal_is_final_and_clear(store, code, reason):
    fake = account(8, 10)
    fake.refusal = code
    with serving(fake) as server:
        with pytest.raises(SourceRefused) as raised:
            pull(server, store)

        assert raised.value.reason == reason
        assert len(server.asked) == 1


def test_an_account_that_is_deleted_is_unknown(store):
    with serving(account(8, 10)) as server, pytest.raises(SourceRefused) as raised:
        pull(server, store, user="nobody")

    assert raised.value.reason == "unknown"


def test_a_library_that_is_gone_is_asked_for_once(store):
    clock = TestClock()
    with serving(account(9, 10)) as server:
        pull(server, store, clock)
        clock.sleep(DAY_S)
        pull(server, store, clock)

    asked = [asked.params["method"] for asked in server.asked]
    assert asked.count("library.getTracks") == 1
    assert read_state(store.objects, "lastfm", "ada", "rj").is_library_gone


def test_a_token_becomes_a_session(store):
    with serving(account(10, 1)) as server:
        api = api_to(server, store, TestClock())
        session = api.open_session(TOKEN).json()["session"]
        with pytest.raises(SourceRefused) as raised:
            api.open_session("f" * 32)

    assert session == {"subscriber": 0, "name": "rj", "key": SESSION}
    assert raised.value.reason == "expired"


def test_a_signature_is_as_the_specification_says():
    params = {"api_key": "xxxxxxxx", "method": "auth.getSession", "token": "xxxxxxx", "format": "json"}

    assert sign(params, "mysecret") == "68afb32bee072407a63b6c41f3e1e2b4"


def test_a_session_that_ends_in_mid_run_leaves_what_is_stored(store):
    fake, clock = account(11, 900), TestClock()

    def end(_asked):
        fake.refusal = 9 if len(server.asked) > 8 else None

    with serving(fake) as server:
        fake.before_answer = end
        with pytest.raises(SourceRefused, match="error 9"):
            pull(server, store, clock)
        some = scrobbles(store)
        fake.before_answer = lambda _asked: None
        fake.refusal = None
        pull(server, store, clock)

    assert 0 < len(some) < 900
    assert scrobbles(store) == truth(fake)


SEEDS = [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 200))]


@pytest.mark.parametrize("seed", SEEDS)
def test_after_faults_the_tables_are_those_of_a_run_without(store, seed):
    random_ = random.Random(seed)
    fake, clock = FakeLastfm(history(random_, random_.randrange(150, 700))), TestClock()
    share = random_.choice((0.1, 0.3, 0.5))
    faults = (*FAULTS, Fault("drip")) if seed % 4 == 0 else FAULTS  # each takes as long as is waited for it

    def choose(_asked):
        return random_.choice(faults) if random_.random() < share else None

    def expire(_asked):
        fake.refusal = 9 if random_.random() < share / 30 else None  # until the listener connects again

    with serving(fake, choose) as server:
        fake.wrong = lambda _asked: random_.choice(WRONG) if random_.random() < share / 3 else None
        fake.before_answer = expire
        pull_until_done(server, store, clock)
        fake.plays.pop(random_.randrange(20))
        fake.plays.insert(0, scrobble(int(clock.now_s()), "Newest", "Song"))
        clock.sleep(DAY_S)
        pull_until_done(server, store, clock)

    assert scrobbles(store) == truth(fake)
