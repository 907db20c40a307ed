import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from timbral.core.normalise import Identity, identify, track_id

ANY_NAME = st.text(min_size=1, max_size=40).filter(str.strip)
QUALIFIERS = st.sampled_from(
    [
        *(
            "",
            "!",
            "'n' Roll",
            " No. 5",
            ", Pt. II",
            " (Part One",
            " Remix",
            " -instrumental-",
            " (Live)",
            " - Live / 1986",
        ),
        *(
            " - Remastered 2011",
            " - Radio Edit",
            " [feat. Guest]",
            " (with Someone)",
            " (A & B Remix)",
            " (Live in Remix)",
        ),
        *(" (Acoustic) [Live]", " (Disco Edit; 2005)", " (1974 / Take 2)", " (X/Y Version/Remastered)"),
        " [Instrumental in the Style of X]",
    ]
)
TRICKY = (
    "the The and & x Love one II I V X 2 10,000 part vol feat. live remix version Ke$ha P!nk C# goin' no n",
    "kv été Мой 夜 - ( ) + : 's w/ with mix 12\" edit Part/ the.",
)
WORDS = st.lists(st.sampled_from(" ".join(TRICKY).split()), min_size=1, max_size=8).map(" ".join)
LIKELY_NAME = st.tuples(WORDS, QUALIFIERS).map("".join)
WESTERN_WORDS = st.text(string.ascii_letters + "éèüöñçåÉÜÑ ", min_size=1, max_size=20).filter(str.strip)
PLAIN_OF = str.maketrans("éèüöñçåÉÜÑ", "eeuoncaEUN")


def keys(identity: Identity):
    return identity.artist_key, identity.title_key, identity.version_key


@given(ANY_NAME, ANY_NAME)
def test_every_spelling_has_an_identity(artist, title):
    identity = identify(artist, title)

    assert identity.artist_key
    assert identity.title_key
    assert identity.members
    assert len(track_id(identity)) == 32


@given(ANY_NAME | LIKELY_NAME, ANY_NAME | LIKELY_NAME)
@example("The The", "The The The (The Live Version)")
@example("X", "Part One (Live) II")
@example("0", "R:EMASTER0000")
@example("KV, 00", "I:V")
def test_an_identity_read_again_is_itself(artist, title):
    identity = identify(artist, title)

    assert keys(identify(identity.artist_key, identity.title)) == keys(identity)


@given(WESTERN_WORDS, WESTERN_WORDS, QUALIFIERS)
def test_case_is_no_difference(artist, title, qualifier):
    spelled = identify(artist, title + qualifier)

    assert identify(artist.upper(), (title + qualifier).upper()) == spelled
    assert identify(artist.lower(), (title + qualifier).lower()) == spelled


@given(WESTERN_WORDS, WESTERN_WORDS, QUALIFIERS)
def test_accents_are_no_difference(artist, title, qualifier):
    spelled = identify(artist, title + qualifier)

    assert identify(artist.translate(PLAIN_OF), title.translate(PLAIN_OF) + qualifier) == spelled


@given(LIKELY_NAME, LIKELY_NAME)
def test_white_space_around_a_name_is_no_difference(artist, title):
    assert identify(f"  {artist}\t", f"\n{title}  ") == identify(artist, title)


@pytest.mark.parametrize("neutral", [" (Remastered)", " - 2011 Remaster", " [Explicit]", " (Bonus Track)"])
@given(artist=WESTERN_WORDS, title=WESTERN_WORDS)
def test_a_neutral_qualifier_changes_nothing(neutral, artist, title):
    assert identify(artist, title + neutral) == identify(artist, title)


@pytest.mark.parametrize(
    "version", [" (Live)", " - Acoustic", " [Demo]", " (Instrumental)", " (Someone Remix)"]
)
@given(artist=WESTERN_WORDS, title=WESTERN_WORDS)
def test_a_version_is_another_track(version, artist, title):
    assert track_id(identify(artist, title + version)) != track_id(identify(artist, title))
