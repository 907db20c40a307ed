"""Qualifiers: what a bracket or a dash adds to a title.

A qualifier is neutral (it names the same recording: remastered, explicit, album version), a
version (it names another one: live, remix, acoustic), or a part of the title (*The Big
Sleep*, *Part 2*). Only the neutral ones lose words, so only they can merge two songs
falsely; their vocabulary is closed, and whatever it does not know stays.
"""

from __future__ import annotations

import re

from timbral.core.folding import words
from timbral.core.vocabulary import vocabulary

# One spelling per notion, before a qualifier is cut into words.
_NOTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?:digital(?:ly)? )?re-?master[a-z]*", "remaster"),
        (r"(?<![^-\s])((?:19|20)\d\d)\s+-+\s+remaster", r"\1 remaster"),
        (r"\bre-?mix(?:ed|es)? by (.+)$", r"\1 remix"),
        (r"\bre-?mix(?:ed)?\b|\brmx\b", "remix"),
        (r"\bre-?work(?:ed|ing)?\b", "rework"),
        (r"\bre-?record(?:ed|ing)s?\b|\bnew recording\b", "rerecorded"),
        (r"\bre-?issued?\b", "reissue"),
        (r"\bre-?edit(?:ed)?\b", "reedit"),
        (r"\ba[ -]?c+ap+el+a\b", "acappella"),
        (r"\b(?:sped|speed(?:ed)?)[ -]?up\b", "spedup"),
        (r"\bslowed(?:[ -]?down)?\b", "slowed"),
        (r"\ben? (?:vivo|directo?|directe)\b|\bao vivo\b|\bdal vivo\b|\bin concert\b", "live"),
        (r"\blive_", "live "),
        (r"\bac[uo]sti[ck]o\b|\bacoustique\b|\bakustisch\b", "acoustic"),
        (r"\binstrumentale?s?\b|\bstrumentale\b", "instrumental"),
        (r"\bversion[es]?\b|\bversao\b|\bversio\b", "version"),
        (r"\bdemos\b", "demo"),
        (r"\b(7|10|12)(?: ?\"|''|[ -]?inch)", r"\1inch "),
        (r"\b(\d+)(?:st|nd|rd|th) anniversary\b", "anniversary"),
        (r"\bfrom the vault\b", "vault"),
    )
)
_NOTION = re.compile(
    r"re-?m|re-?w|re-?r|re-?i|re-?e|rmx|app?el|sped|speed|slowed|vivo|direct|concert|live_|usti|strument"
    r"|version|vers[ai]o|demos|inch|\"|''|anniversary|vault|new rec"
)

_YEAR = re.compile(r"(?:19|20)\d\d")
# A neutral qualifier is made of these words alone ...
_FORMATS = vocabulary(
    """album lp ep cd single 7inch vinyl mono stereo studio radio video digital commercial explicit clean
    amended edited uncensored censored dirty deluxe super expanded limited special collectors
    anniversary bonus hidden track original full length complete itunes uk us usa japan japanese
    international official audio music lyric lyrics visualizer visualiser hd hq 4k vault reissue master
    remaster new version edit edition recording release the redbook"""
)
# ... among them one of these, which settles that it speaks of the carrier, not of the song.
_SETTLING = vocabulary(
    """album lp ep single 7inch mono stereo explicit clean amended uncensored censored deluxe expanded
    bonus vault reissue remaster visualizer visualiser hd hq"""
)
_REISSUED = vocabulary("remaster reissue master edition")
_NEUTRAL_PHRASES = re.compile(
    r"(?:cd|vinyl|radio|studio|video|edited|dirty|full length|hidden|commercial)"
    r" (?:version|edit|track|recording)"
    r"|studio|edit|edited|full length|original mix|original (?:album|lp|mono|stereo) mix"
    r"|(?:album|lp|mono|stereo) mix"
    r"|(?:(?:19|20)\d\d )?(?:new |digital |original )?master"
    r"|(?:(?:special|limited|collectors|anniversary|itunes|japanese|international) )+edition"
    r"|official|(?:official )?(?:music |lyrics? |hd )?video|(?:official )?audio|(?:with )?lyrics"
)
# Signs of another recording: anywhere, at the end, or at the start of a qualifier.
_ANYWHERE = vocabulary(
    """remix rework reedit rerecorded acoustic instrumental karaoke acappella spedup slowed nightcore
    unplugged demo outtake bootleg mashup 12inch 10inch rehearsal remake extended live"""
)
_AT_END = vocabulary(
    """version mix edit dub cover take session sessions recording rendition arrangement orchestral
    symphonic vip flip tribute mixed commentary"""
)
_PHRASES = re.compile(
    r"(?:alternat(?:e|ive)|early|rough) (?:take|version|mix|vocal|edit)|take \d+|version \d+"
    r"|(?:originally (?:performed|sung|recorded)|(?:as )?made (?:famous|popular)|in (?:the )?style of"
    r"|tribute to|covers? of)\b"
)
_WEIGHTLESS = vocabulary(
    """explicit clean amended remaster bonus track album official video audio hd hq the"""
)
_JOINTS = vocabulary("""at from in on by""")
_PRODUCER = re.compile(r"prod(?:\.|uced)?(?: by)?\s+\S")
_SPLIT = re.compile(r"\s*[/;,|]\s*|\s+-+\s+")


def canonical(qualifier: str) -> str:
    """Write a qualifier's notions in one spelling, still as text."""
    if _NOTION.search(qualifier):
        for pattern, replacement in _NOTIONS:
            qualifier = pattern.sub(replacement, qualifier)
    return qualifier


def is_neutral(tokens: list[str]) -> bool:
    """Tell whether a qualifier names the same recording.

    Args:
        tokens: Its words, in canonical spelling.

    Returns:
        True for *2011 Remaster*, *Album Version*, *Explicit*; False for everything unknown.
    """
    if _NEUTRAL_PHRASES.fullmatch(" ".join(tokens)):
        return True
    named = [token for token in tokens if not _YEAR.fullmatch(token)]
    # A year beside it speaks of another recording ("1966 Album"), unless it is that of a reissue.
    is_dated = len(named) < len(tokens) and _REISSUED.isdisjoint(named)
    if not is_dated and _SETTLING.intersection(named) and _FORMATS.issuperset(named):
        return True
    # Whoever remastered it, and wherever: the recording is the old one. "Remastered BBC Version" is not.
    text = " ".join(named).replace("remaster version", "remaster")
    return "remaster" in (named[:1] + named[-1:]) + text.split()[-1:] and not is_version(
        text.replace("remaster", "").split()
    )


def is_version(tokens: list[str]) -> bool:
    """Tell whether a qualifier names another recording of the song."""
    return (
        not _ANYWHERE.isdisjoint(tokens)
        or not _AT_END.isdisjoint(tokens[-1:])
        or _PHRASES.search(" ".join(tokens)) is not None
    )


def _version_words(tokens: list[str]) -> list[str]:
    """Name a version without what every name of it may lack; kinds alone are versions each."""
    telling = [token for token in tokens if token not in _WEIGHTLESS] or tokens
    bare = [token for token in telling if token != "version" and token not in _JOINTS]  # noqa: S105 - a word, no secret
    kept = bare if is_version(bare) else telling
    return kept if _ANYWHERE.issuperset(kept) else [" ".join(kept)]


def _detailed(version: str, detail: str) -> str:
    """Add a detail where the version's own words are still read as a version."""
    after = f"{version} {detail}"
    return after if is_version(after.split()) else f"{detail} {version}"


def read_qualifier(text: str) -> tuple[list[str], list[str]]:
    """Read one bracket's or one dash's content.

    Args:
        text: Its folded text, without brackets, without featured artists.

    Returns:
        The versions it names, and the pieces that belong to the title; both are empty for
        a neutral qualifier. Beside a version, unknown pieces are its details (*Live /
        1986*), not the title's.
    """
    if _PRODUCER.match(text):
        return [], []
    versions: list[str] = []
    pieces: list[str] = []
    text = canonical(text)
    is_remaster = "remaster" in text
    for piece in _SPLIT.split(text):
        tokens = words(piece)
        if not tokens or is_neutral(tokens) or (is_remaster and tokens[-1:] == ["edition"]):
            continue
        if is_version(tokens):
            versions += _version_words(tokens)
        elif versions:
            versions[-1] = _detailed(versions[-1], " ".join(tokens))
        else:
            pieces.append(" ".join(tokens))
    if versions and pieces:
        return [_detailed(versions[0], " ".join(pieces)), *versions[1:]], []
    return versions, pieces


_TRAILING = re.compile(
    r"(?<=\S)\s+(?:"
    r"(?:(?:explicit|clean|amended|original|remastered) )?"
    r"(?:album|lp|single|radio|acoustic|live|demo|instrumental|karaoke|mono|stereo) version"
    r"|(?:radio|single) edit|original mix|extended (?:mix|version)|(?:club |radio )?remix"
    r"|(?:(?:19|20)\d\d )?(?:digital(?:ly)? )?re-?master(?:ed)?(?: (?:19|20)\d\d)?(?: version)?"
    r")$"
)


def split_trailing(text: str) -> tuple[str, str]:
    """Cut an unbracketed qualifier off a title's end.

    Args:
        text: Folded text, such as ``"ignition remix"``.

    Returns:
        The title and the qualifier (``("ignition", "remix")``), which may be empty.
    """
    found = _TRAILING.search(text)
    return (text[: found.start()], found[0].strip()) if found else (text, "")
