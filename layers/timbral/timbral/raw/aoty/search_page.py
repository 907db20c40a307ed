"""The page that lists what a search found."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from timbral.raw.aoty.page_text import text_of


@dataclass(frozen=True, slots=True)
class FoundAlbum:
    """An album that a search found.

    Attributes:
        artist: Its artist as the site spells it.
        title: Its title.
        path: Its page's path on the site.
    """

    artist: str
    title: str
    path: str


def read_search_page(html: str) -> list[FoundAlbum]:
    """Read the albums of a search's page, in the site's order; empty if there are none."""
    found = []
    for block in LexborHTMLParser(html).css(".albumBlock"):
        link = block.css_first('a[href^="/album/"]')
        artist, title = text_of(block.css_first(".artistTitle")), text_of(block.css_first(".albumTitle"))
        if link is not None and artist and title:
            found.append(FoundAlbum(artist, title, link.attributes.get("href") or ""))
    return found
