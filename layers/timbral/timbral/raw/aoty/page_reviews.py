"""The reviews on an album's page."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from timbral.raw.aoty.page_text import prose_of, score_in, text_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode


def read_reviews(page: LexborHTMLParser) -> list[dict[str, Any]]:
    """Read the reviews, critics' before users'; one that has only a score and no text is none.

    Returns:
        Each as ``review.schema.json`` has it, but for artist and title, which are the album's.
    """
    critics = [_of_critic(row) for row in page.css("#critics .albumReviewRow")]
    users = [_of_user(row) for row in page.css("#users .albumReviewRow")]
    by_id = {review["review_id"] or repr(review): review for review in critics + users if review["text"]}
    return list(by_id.values())  # a popular review is among the recent ones too


def _of_critic(row: LexborNode) -> dict[str, Any]:
    button = row.css_first("[data-review-id]")
    number = button.attributes.get("data-review-id") if button else None
    author = text_of(row.css_first(".albumReviewHeader .author"))
    return {
        "review_id": f"critic-{number}" if number else None,
        "reviewer": text_of(row.css_first(".albumReviewHeader .publication")) or None,
        "author": author or None,
        "is_critic": True,
        "score": score_in(text_of(row.css_first(".albumReviewRating"))),
        "text": prose_of(row.css_first(".albumReviewText")),
        "reviewed_at_uts": _moment(row),
    }


def _of_user(row: LexborNode) -> dict[str, Any]:
    number = (row.attributes.get("id") or "").removeprefix("review_")
    return {
        "review_id": f"user-{number}" if number else None,
        "reviewer": text_of(row.css_first(".userReviewName a")) or None,
        "author": None,
        "is_critic": False,
        "score": score_in(text_of(row.css_first(".ratingBlock .rating"))),
        "text": prose_of(row.css_first(".albumReviewText")),
        "reviewed_at_uts": None,  # the page only says how long ago
    }


def _moment(row: LexborNode) -> int | None:
    titled = row.css_first(".albumReviewLinks .actionContainer[title]")
    try:
        moment = parsedate_to_datetime((titled.attributes.get("title") or "") if titled else "")
    except ValueError:
        return None
    return int(moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp())
