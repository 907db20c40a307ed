"""Pages of the site into documents: our own in its structure, and saved ones."""

from pathlib import Path

import pytest

from timbral.errors import InvalidInput
from timbral.raw.aoty.page import is_challenge, read_album_page
from timbral.raw.aoty.page_tracks import duration_ms
from timbral.raw.aoty.schemas import flaw_of
from timbral.raw.aoty.search_page import FoundAlbum, read_search_page

PAGE = (Path(__file__).parent / "album_page.html").read_text(encoding="utf-8")
SEARCH = """
<div class="albumBlock" data-type="lp"><div class="image"><a href="/album/5-low-hey-what.php"><img/></a></div>
<a href="/artist/9-low/"><div class="artistTitle">Low</div></a>
<a href="/album/5-low-hey-what.php"><div class="albumTitle">HEY WHAT</div></a>
<div class="type">2021</div></div>
<div class="albumBlock"><div class="image"></div><div class="artistTitle">Nobody</div></div>
"""


def test_a_page_tells_whose_album_it_is_since_when_and_on_which_label():
    album = read_album_page(PAGE)

    assert (album["artist"], album["title"]) == ("The Quiet Lanterns & Ínez Sol", "Salt & Static")
    assert (album["released_on"], album["aoty_id"], album["label"]) == ("2024-03-08", "90210", "Low Tide")


def test_main_genres_weigh_more_than_secondary_ones_and_tags_are_no_genres():
    album = read_album_page(PAGE)

    assert [(genre["name"], genre["weight"]) for genre in album["genres"]] == [
        ("Dream Pop", 2),
        ("Shoegaze", 2),
        ("Slowcore", 1),
    ]
    assert album["tags"] == ["nocturnal", "female vocalist"]


def test_scores_are_as_exact_as_the_page_knows_them():
    album = read_album_page(PAGE)

    assert (album["critic_score"], album["critic_reviews_count"]) == (81.25, 8)
    assert (album["user_score"], album["user_ratings_count"]) == (79.0, 1_204)


def test_a_track_list_spans_discs_with_lengths_and_guests():
    tracks = read_album_page(PAGE)["tracks"]

    assert [(track["disc"], track["number"], track["title"], track["duration_ms"]) for track in tracks] == [
        (1, 1, "Hello, Goodnight", 184_000),
        (1, 2, "Pier 9", 3_723_000),
        (2, 1, "Undertow", None),
    ]
    assert (tracks[0]["score"], tracks[0]["ratings_count"]) == (88.0, 210)
    assert tracks[1]["guests"] == ["Ola", "Ben K."]


def test_reviews_come_once_each_and_only_those_that_say_something():
    reviews = read_album_page(PAGE)["reviews"]

    assert [(one["review_id"], one["reviewer"], one["is_critic"], one["score"]) for one in reviews] == [
        ("critic-501", "Harbour Weekly", True, 90.0),
        ("critic-502", "The Static Post", True, None),
        ("user-7001", "tidepool", False, 85.0),
    ]
    assert [one["text"] for one in reviews] == [
        "A record that hums after dark.\nIt stays.",
        "Half of it is weather.",
        "Cried on a ferry.\nTwice",
    ]
    assert [one["reviewed_at_uts"] for one in reviews] == [1_709_985_600, None, None]
    assert reviews[0]["author"] == "Mo Adeyemi"


def test_a_page_without_the_part_for_machines_is_read_by_its_headline_and_details():
    start, end = PAGE.index("<script type"), PAGE.index("<script src")
    album = read_album_page(PAGE[:start] + PAGE[end:])

    assert (album["artist"], album["title"]) == ("The Quiet Lanterns & Ínez Sol", "Salt & Static")
    assert album["released_on"] == "2024-03-08"


def test_what_a_page_says_keeps_the_schema_of_dumps():
    assert flaw_of("album", read_album_page(PAGE)) is None


@pytest.mark.parametrize("html", ["", "<html><body>nothing</body></html>", SEARCH, "\x00\x01"])
def test_what_is_no_albums_page_is_refused(html):
    with pytest.raises(InvalidInput, match="the page is no album's"):
        read_album_page(html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<html><head><title>Just a moment...</title></head></html>", True),
        ('<div id="cf-chl-widget"></div>', True),
        ("<title>Attention Required! | Cloudflare</title>", True),
        (PAGE, False),
        (SEARCH, False),
    ],
)
def test_a_challenge_is_known_from_a_page(html, expected):
    assert is_challenge(html) is expected


def test_a_search_lists_albums_with_their_pages():
    assert read_search_page(SEARCH) == [FoundAlbum("Low", "HEY WHAT", "/album/5-low-hey-what.php")]


@pytest.mark.parametrize(
    ("text", "expected"), [("0:49", 49_000), ("59:59", 3_599_000), ("0:00", None), ("long", None)]
)
def test_lengths_are_read_in_milliseconds(text, expected):
    assert duration_ms(text) == expected


@pytest.mark.realdata
def test_a_saved_album_page_is_read_whole(realdata):
    album = read_album_page((realdata / "aoty/pages/album_slug.html").read_text(encoding="utf-8"))

    assert (album["artist"], album["title"], album["released_on"]) == (
        "A$AP Rocky",
        "Don't Be Dumb",
        "2026-01-16",
    )
    assert [genre["name"] for genre in album["genres"] if genre["weight"] == 2] == [
        "Trap",
        "East Coast Hip Hop",
    ]
    assert (len(album["genres"]), len(album["tags"])) == (7, 5)
    assert (album["critic_score"], album["user_score"]) == (70.3794, 74.5)
    assert (album["critic_reviews_count"], album["user_ratings_count"]) == (17, 20_489)
    assert (len(album["tracks"]), sum(track["duration_ms"] for track in album["tracks"]) // 60_000) == (
        17,
        59,
    )
    assert sum(review["is_critic"] for review in album["reviews"]) == 17
    assert flaw_of("album", album) is None


@pytest.mark.realdata
def test_other_saved_pages_are_neither_albums_nor_challenges_and_lists_are_searchable(realdata):
    pages = sorted((realdata / "aoty/pages").glob("*.html"))
    others = {page.name: page.read_text(encoding="utf-8") for page in pages if page.name != "album_slug.html"}

    for html in others.values():
        with pytest.raises(InvalidInput):
            read_album_page(html)
    assert not any(is_challenge(html) for html in others.values())
    found = read_search_page(others["search_albums_qquery.html"])
    assert len(found) == 60
    assert found[0] == FoundAlbum("The Chainsmokers", "Kanye", "/album/43815-the-chainsmokers-kanye.php")
