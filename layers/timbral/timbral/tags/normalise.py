"""Tags normalised: one spelling of each, and none of those that say nothing about music."""

from __future__ import annotations

import re

from timbral.core.folding import fold, words
from timbral.core.wording import spell_out
from timbral.tags.vocabulary import filing_keys, known_tag

LONGEST_TAG = 40
MOST_WORDS = 5

# Sentences about oneself, and praise in more words than the list of filing tags can hold.
_SAYS_NOTHING = re.compile(
    r"\b(?:i|my|me|mine|ive|im|ill|you|your|we|our|us|fav|favs|fave|faves|favou?rites?|best|greatest|awesome|amazing"
    r"|perfect|underrated|overrated|fucking|shit|listen|listened)\b"
)
_RATING = re.compile(r"\d+( of \d+)? stars?|\d+ out of \d+|under \d+ (listeners|plays)|top ?\d+.*|\d{1,3}")


def normalise_tag(raw: str) -> str | None:
    """Give a tag its one spelling.

    Args:
        raw: The tag as somebody wrote it.

    Returns:
        The vocabulary's spelling where it knows the tag, else its folded words; None where the tag says
        nothing about the music: filing (``seen live``), praise (``favorites``), ratings, sentences,
        signs alone.
    """
    tokens = _stable_words(raw)
    key = "".join(tokens)
    if known := known_tag(key):
        return known
    text = " ".join(tokens)
    too_long = len(tokens) > MOST_WORDS or len(text) > LONGEST_TAG
    if len(key) <= 1 or too_long or key in filing_keys() or _RATING.fullmatch(text):
        return None
    return None if _SAYS_NOTHING.search(text) else text


def _stable_words(raw: str) -> list[str]:
    tokens: list[str] = []
    again = words(spell_out(fold(raw)))
    while again != tokens:  # what one wording leaves may be there for another to word
        tokens, again = again, words(spell_out(" ".join(again)))
    return tokens
