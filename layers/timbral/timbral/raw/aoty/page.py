"""An album's page of Album of the Year, read into the shape that dumps have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from selectolax.lexbor import LexborHTMLParser

from timbral.errors import InvalidInput
from timbral.raw.aoty.page_reviews import read_reviews
from timbral.raw.aoty.page_text import number_in, score_in, text_of
from timbral.raw.aoty.page_tracks import read_tracks
from timbral.raw.formats.albums import ALBUM_NUMBER, release_date

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAIN_WEIGHT, SECONDARY_WEIGHT = 2, 1
"""A page tells main genres from secondary ones and says no more of their weight."""

_CHALLENGE = re.compile(
    r"<title>\s*(?:just a moment|attention required|access denied|checking your browser|one moment)"
    r"|cf-browser-verification|cf[-_]chl[-_]|challenge-platform/h/|g-recaptcha|h-captcha|px-captcha",
    re.IGNORECASE,
)


def is_challenge(html: str) -> bool:
    """Say whether a page asks to prove that one is no robot; it is not to be got round.

    A page of an album is none, whatever scripts it loads.
    """
    return "albumHeadline" not in html and _CHALLENGE.search(html) is not None


def read_album_page(html: str) -> dict[str, Any]:
    """Read an album's page.

    Args:
        html: The page.

    Returns:
        The album as ``album.schema.json`` has it, with its track list and the reviews that stand on the page.

    Raises:
        InvalidInput: It is no page of an album.
    """
    page = LexborHTMLParser(html)
    facts = _structured(page)
    artist = _artist_of(facts) or text_of(page.css_first(".albumHeadline .artist"))
    title = str(facts.get("name") or "") or text_of(page.css_first(".albumHeadline .albumTitle"))
    if not artist or not title:
        missing = "artist" if not artist else "title"
        raise InvalidInput(f"the page is no album's: it has no {missing} in its headline", missing)
    url = _url(page, facts)
    found = ALBUM_NUMBER.search(url or "")
    return {
        "artist": artist,
        "title": title,
        "aoty_id": found[1] if found else None,
        "url": url,
        "released_on": release_date(str(facts.get("datePublished") or "")) or _dated(page),
        "genres": _genres(page),
        "tags": [text_of(link) for link in page.css('.detailRow a[href^="/tag/"]')],
        "label": text_of(page.css_first('.detailRow a[href^="/label/"]')) or None,
        "critic_score": _score(page, ".albumCriticScore a", ".albumCriticScore"),
        "critic_reviews_count": number_in(text_of(page.css_first(".albumCriticScoreBox .numReviews strong"))),
        "user_score": _score(page, ".albumUserScore a", ".albumUserScore"),
        "user_ratings_count": number_in(text_of(page.css_first(".albumUserScoreBox .numReviews strong"))),
        "tracks": read_tracks(page),
        "reviews": read_reviews(page),
    }


def _structured(page: LexborHTMLParser) -> dict[str, Any]:
    """Return what the page says for machines of its album; empty if it says nothing readable."""
    for script in page.css('script[type="application/ld+json"]'):
        try:
            facts = orjson.loads(script.text())
        except orjson.JSONDecodeError:
            continue
        if isinstance(facts, dict) and facts.get("@type") == "MusicAlbum":
            return facts
    return {}


def _artist_of(facts: dict[str, Any]) -> str:
    artists = facts.get("byArtist")
    artists = artists if isinstance(artists, list) else [artists]
    return " & ".join(str(one["name"]) for one in artists if isinstance(one, dict) and one.get("name"))


def _url(page: LexborHTMLParser, facts: dict[str, Any]) -> str | None:
    link = page.css_first('link[rel="canonical"]')
    return (link.attributes.get("href") if link else None) or facts.get("url")


def _dated(page: LexborHTMLParser) -> str | None:
    for row in page.css(".detailRow"):
        told, _, name = text_of(row).partition("/")
        if "Release Date" in name:
            return release_date(told)
    return None


def _genres(page: LexborHTMLParser) -> list[dict[str, Any]]:
    links = page.css('.detailRow a[href^="/genre/"]')
    return [{"name": text_of(link), "weight": _weight(link)} for link in links if text_of(link)]


def _weight(link: LexborNode) -> int:
    return SECONDARY_WEIGHT if link.css_first(".secondary") else MAIN_WEIGHT


def _score(page: LexborHTMLParser, exact: str, shown: str) -> float | None:
    """Read a mean: the link's title has it exactly, its text rounded; ``NR`` is none."""
    link = page.css_first(exact)
    title = link.attributes.get("title") if link else None
    return score_in(title or "") or score_in(text_of(link or page.css_first(shown)))
