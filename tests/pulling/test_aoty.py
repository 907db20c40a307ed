"""The enrichment of new releases against a stand-in of the site: polite, and away when it isn't wanted."""

import logging
import random
from pathlib import Path

import pyarrow as pa
import pytest

from tests.providers.fake_server import Fault, Said, serving
from tests.providers.faults import ANY, random_faults
from tests.providers.senders import FAST, TestClock
from tests.pulling.spotify_bench import until_done
from timbral.providers.aoty import LIMITS, AotySite, judge_pages
from timbral.providers.retrying import Budget
from timbral.providers.stack import Run, stack
from timbral.providers.traffic import Traffic
from timbral.providers.transport import HttpTransport, open_client
from timbral.pulling.aoty.requests import WEEK_S, WantedAlbum, ask_for_album, heard_albums, requested_albums
from timbral.pulling.aoty.scraping import AotyScraping
from timbral.raw.answers.envelope import keep_answer
from timbral.raw.answers.loading import load_answer
from timbral.raw.aoty.page import is_challenge
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables
from timbral.tables.raw import ALBUM_REVIEWS_AOTY, ALBUMS_AOTY, USER_SCROBBLES_RAW

AT_UTS = 1_700_000_000
PAGE = (Path(__file__).parents[1] / "raw/aoty/album_page.html").read_bytes()
PATH = "/album/90210-the-quiet-lanterns-salt-and-static.php"
SECOND_PATH = "/album/90211-hum-the-second.php"
WANTED = WantedAlbum("The Quiet Lanterns & Ínez Sol", "Salt & Static")
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>cf-chl-widget</body></html>"
SEARCH = f"""
<div class="albumBlock"><a href="/album/1-other.php"></a><div class="artistTitle">The Quiet Lanterns</div>
<div class="albumTitle">Salt (Live)</div></div>
<div class="albumBlock"><a href="{PATH}"></a><div class="artistTitle">The Quiet Lanterns &amp; Ínez Sol</div>
<div class="albumTitle">Salt &amp; Static</div></div></html>
""".encode()
ROBOTS = b"User-agent: *\nDisallow: /account/\nCrawl-delay: 7\n"


def site(robots=ROBOTS, search=SEARCH, page=PAGE):
    answers = {"/robots.txt": robots, "/search/albums/": search, PATH: page}

    def app(asked):
        body = answers.get(asked.path)
        return Said(b"gone", 404) if body is None else Said(body, headers={"content-type": "text/html"})

    return app


def two_albums():
    """Serve a second album beside the first, so that one may fail while the other comes in."""
    second = PAGE
    for ours, theirs in (
        ("90210", "90211"),
        ("Salt &amp; Static", "The Second"),
        ("Salt & Static", "The Second"),
        ("The Quiet Lanterns", "Hum"),
        ("Ínez Sol", "Hum"),
        ('review-id="50', 'review-id="60'),
        ("review_70", "review_80"),
    ):
        second = second.replace(ours.encode(), theirs.encode())
    listed = SEARCH.split(b"</html>")[0]
    listed = listed[listed.rindex(b'<div class="albumBlock">') :].replace(PATH.encode(), SECOND_PATH.encode())
    listed = listed.replace(b"The Quiet Lanterns", b"Hum").replace("Ínez Sol".encode(), b"Hum")
    found = SEARCH + listed.replace(b"Salt &amp; Static", b"The Second") + b"</html>"
    first = site(search=found)

    def app(asked):
        if asked.path == SECOND_PATH:
            return Said(second, headers={"content-type": "text/html"})
        return first(asked)

    return app


SITE_FAULTS = (Fault("drip"), Fault("status", 403), Fault("html"), Fault("truncated"))


class Bench:
    def __init__(self, server, folder):
        self.tables = Tables(open_objects(str(folder / "store")), folder / "scratch")
        self.objects, self.clock = self.tables.objects, TestClock(float(AT_UTS))
        transport = HttpTransport(open_client(server.url, FAST, user_agent="timbral-tests"), FAST)
        budget = Budget(until_s=AT_UTS + 900)
        run = Run(self.clock, lambda: 0.5, logging.getLogger("timbral.providers"), budget)
        self.budget = budget
        traffic = Traffic(self.objects, "aoty", LIMITS, self.clock, lambda: 0.5)
        judge = judge_pages(is_challenge)
        self.site = AotySite(stack(transport, provider="aoty", judge=judge, traffic=traffic, run=run))

    def keep(self, asked, body):
        return load_answer(self.tables, keep_answer(self.objects, asked, body))

    def run(self, *albums, at_uts=AT_UTS, most_count=10):
        scraping = AotyScraping(self.site, self.objects, self.keep, self.clock, at_uts)
        return scraping.run(albums or (WANTED,), most_count)

    def facts(self, table):
        """Return rows without the time at which they were got."""
        return [{**row, "observed_at_uts": None} for row in self.rows(table)]

    def rows(self, table=ALBUMS_AOTY):
        return self.tables.read(table, self.tables.current(table)).to_pylist()


def test_an_album_is_found_by_the_rules_of_identity_and_its_page_becomes_rows(tmp_path):
    with serving(site()) as server:
        here = Bench(server, tmp_path)
        report = here.run()

        assert [one.path for one in server.asked] == ["/robots.txt", "/search/albums/", PATH]
    [album] = here.rows()
    assert (report.looked_up_count, report.found_count) == (1, 1)
    assert (album["title"], album["tags"], album["genre_weights"]) == (
        "Salt & Static",
        ["nocturnal", "female vocalist"],
        [2, 2, 1],
    )
    assert len(here.rows(ALBUM_REVIEWS_AOTY)) == 3


def test_pages_are_got_slowly_and_what_is_known_not_at_all(tmp_path):
    with serving(site()) as server:
        here = Bench(server, tmp_path)
        here.run()
        took_s, asked_count = here.clock.at_s - AT_UTS, len(server.asked)
        again = here.run(at_uts=AT_UTS + 3_600)

        assert len(server.asked) == asked_count
    assert took_s >= 14
    assert (again.known_count, again.looked_up_count) == (1, 0)


def test_what_robots_may_not_get_is_not_got(tmp_path):
    with serving(site(robots=b"User-agent: *\nDisallow: /album/\n")) as server:
        report = Bench(server, tmp_path).run()

        assert [one.path for one in server.asked] == ["/robots.txt", "/search/albums/"]
    assert (report.forbidden_count, report.found_count) == (1, 0)


def test_without_its_robots_file_being_readable_nothing_is_got(tmp_path):
    with serving(site(), lambda _asked: Fault("status", 500)) as server:
        report = Bench(server, tmp_path).run()

        assert {one.path for one in server.asked} == {"/robots.txt"}
    assert report.retry_after_s > 0


def test_a_site_without_a_robots_file_allows_all(tmp_path):
    with serving(site(robots=None)) as server:
        assert Bench(server, tmp_path).run().found_count == 1


@pytest.mark.parametrize("faulty", [site(search=CHALLENGE), site(page=CHALLENGE)])
def test_a_challenge_keeps_everyone_away_for_a_day(tmp_path, faulty):
    with serving(faulty) as server:
        here = Bench(server, tmp_path)
        first = here.run()
        asked_count = len(server.asked)
        second = here.run()

        assert len(server.asked) == asked_count
    assert first.retry_after_s == 86_400
    assert second.retry_after_s > 86_000
    assert here.rows() == []


def test_repeated_errors_open_the_circuit(tmp_path):
    def fail(asked):
        return Fault("status", 502) if asked.path != "/robots.txt" else None

    with serving(site(), fail) as server:
        here = Bench(server, tmp_path)
        report = here.run()

        assert len(server.asked) == 1 + LIMITS.failures_count
    assert report.retry_after_s > 0


def test_a_search_that_finds_only_others_takes_none(tmp_path):
    with serving(site(search=SEARCH.replace(b"Static", b"Sugar"))) as server:
        report = Bench(server, tmp_path).run()

    assert (report.looked_up_count, report.found_count) == (1, 0)


def test_a_page_that_is_no_albums_is_left_out_and_kept(tmp_path):
    with serving(site(page=b"<html>hello</html>")) as server:
        here = Bench(server, tmp_path)
        report = here.run()

    assert report.found_count == 0
    assert len(list(here.objects.list("raw/answers/aoty/page"))) == 1


def test_an_album_that_was_searched_for_is_asked_for_once_until_it_was_looked_up(tmp_path):
    with serving(site()) as server:
        here = Bench(server, tmp_path)
        ask_for_album(here.objects, WANTED)
        ask_for_album(here.objects, WantedAlbum(WANTED.artist.upper(), WANTED.title))
        asked = list(requested_albums(here.objects))
        here.run(*asked)

    assert asked == [WANTED]
    assert list(requested_albums(here.objects)) == []


def test_albums_that_many_hear_this_week_are_wanted_until_they_are_known(folder_tables):
    def play(artist, album, at_uts):
        names = {"listener_id": "ann", "artist": artist, "track": "t", "album": album}
        return {**names, "scrobbled_at_uts": at_uts, "source": "test", "observed_at_uts": 0}

    plays = [play("Low", "New", AT_UTS - at) for at in range(5)]
    plays += [play("Low", "Old", AT_UTS - 8 * 86_400 - at) for at in range(9)]
    plays += [play("Low", "Few", AT_UTS - 50 - at) for at in range(4)]
    plays += [play("Low", "Known", AT_UTS - 80 - at) for at in range(9)]
    folder_tables.append(USER_SCROBBLES_RAW, pa.Table.from_pylist(plays), "plays")
    known = {"artist": "LOW", "title": "known", "source": "aoty", "observed_at_uts": 0}
    folder_tables.append(ALBUMS_AOTY, pa.Table.from_pylist([known]), "known")

    assert heard_albums(folder_tables, AT_UTS, least=4) == [WantedAlbum("Low", "New")]


SEEDS = [*range(5), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, 200))]
SHUT = (b"User-agent: *\nDisallow: /\n", b"User-agent: timbral\nDisallow: /search/\n")


@pytest.mark.parametrize("seed", SEEDS)
def test_after_recovery_the_tables_are_those_of_a_run_without_faults(tmp_path, seed):
    draw = random.Random(seed)
    albums = [WANTED, WantedAlbum("Nobody", "Nothing"), WantedAlbum("Hum & Hum", "The Second")]
    draw.shuffle(albums)
    calmly = two_albums()

    def moody(asked):
        if asked.path == "/robots.txt" and draw.random() < 0.3:
            return Said(draw.choice((*SHUT, CHALLENGE)), headers={"content-type": "text/plain"})
        return calmly(asked)

    faults = random_faults(seed, draw.choice((0.1, 0.3, 0.5)), (*ANY, *SITE_FAULTS))
    with serving(calmly) as server:
        calm = Bench(server, tmp_path / "calm")
        calm.run(*albums)
    with serving(moody, faults) as server:
        here = Bench(server, tmp_path / "rough")

        def work():
            here.budget.until_s = here.clock.at_s + 900
            report = here.run(*albums, at_uts=int(here.clock.at_s))
            if report.forbidden_count:
                report.retry_after_s = 86_400.0
            return report

        until_done(here.clock, work, times=400)

    assert len(calm.rows()) == 2
    assert here.facts(ALBUMS_AOTY) == calm.facts(ALBUMS_AOTY)
    assert here.facts(ALBUM_REVIEWS_AOTY) == calm.facts(ALBUM_REVIEWS_AOTY)


@pytest.mark.parametrize("robots", [CHALLENGE, b"<html>maintenance</html>"])
def test_a_page_in_place_of_the_robots_file_allows_nothing(tmp_path, robots):
    with serving(site(robots=robots)) as server:
        report = Bench(server, tmp_path).run()

        assert {one.path for one in server.asked} == {"/robots.txt"}
    assert report.retry_after_s > 0


def test_what_was_searched_for_stays_so_while_robots_may_not_search(tmp_path):
    with serving(site(robots=SHUT[0])) as server:
        here = Bench(server, tmp_path)
        ask_for_album(here.objects, WANTED)
        report = here.run(*requested_albums(here.objects))

        assert [one.path for one in server.asked] == ["/robots.txt"]
    assert (report.forbidden_count, report.looked_up_count) == (1, 0)
    assert list(requested_albums(here.objects)) == [WANTED]


@pytest.mark.parametrize(("plays_count", "is_wanted"), [(1_000, False), (1_001, True)])
def test_an_album_is_wanted_once_its_weekly_scrobbles_have_passed_a_thousand(
    folder_tables, plays_count, is_wanted
):
    plays = pa.table(
        {
            "listener_id": [f"listener{number % 7}" for number in range(plays_count + 1)],
            "scrobbled_at_uts": [AT_UTS - WEEK_S, *range(AT_UTS - plays_count, AT_UTS)],
            "artist": ["Low"] * (plays_count + 1),
            "track": ["t"] * (plays_count + 1),
            "album": ["New"] * (plays_count + 1),
            "source": ["test"] * (plays_count + 1),
            "observed_at_uts": pa.repeat(0, plays_count + 1),
        }
    )
    folder_tables.append(USER_SCROBBLES_RAW, plays, "plays")

    assert (heard_albums(folder_tables, AT_UTS) == [WantedAlbum("Low", "New")]) is is_wanted
