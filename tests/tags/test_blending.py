import math

from hypothesis import given
from hypothesis import strategies as st

from timbral.tags.blending import LEVELS, TAGS_PER_TRACK, Vote, blend_tags

VOTES = st.lists(
    st.builds(
        Vote,
        level=st.sampled_from(LEVELS),
        source=st.sampled_from(["lastfm", "hetrec2011", "aoty"]),
        tag=st.sampled_from(["rock", "dub", "jazz", "ambient"]),
        count=st.integers(1, 1_000_000_000),
    ),
    max_size=20,
)


def test_a_loud_source_cannot_drown_a_quiet_one():
    blended = blend_tags([Vote("track", "lastfm", "rock", 9_000), Vote("track", "catalogue", "dub", 1)])

    assert [(tag.tag, tag.share) for tag in blended] == [("dub", 0.5), ("rock", 0.5)]


def test_what_is_said_of_the_track_goes_before_its_album_and_artist():
    blended = blend_tags(
        [
            Vote("artist", "lastfm", "rock", 100),
            Vote("album", "aoty", "dub", 1),
            Vote("track", "lastfm", "jazz", 1),
        ]
    )

    assert [(tag.tag, tag.level) for tag in blended] == [
        ("jazz", "track"),
        ("dub", "album"),
        ("rock", "artist"),
    ]


def test_a_source_that_is_trusted_less_weighs_less():
    blended = blend_tags([Vote("artist", "hetrec2011", "rock", 5), Vote("artist", "lastfm", "dub", 5)])

    assert [tag.tag for tag in blended] == ["dub", "rock"]


def test_a_tag_names_its_sources():
    blended = blend_tags([Vote("artist", "lastfm", "rock", 5), Vote("track", "aoty", "rock", 5)])

    assert (blended[0].sources, blended[0].level) == (("aoty", "lastfm"), "track")


def test_a_track_keeps_a_bounded_number_of_tags():
    blended = blend_tags([Vote("track", "lastfm", f"tag {number}", number) for number in range(1, 200)])

    assert len(blended) == TAGS_PER_TRACK
    assert blended[0].tag == "tag 199"


def test_no_votes_give_no_tags():
    assert blend_tags([]) == []


@given(votes=VOTES, data=st.data())
def test_shares_sum_to_one_whatever_the_order(votes, data):
    blended = blend_tags(votes)

    assert blended == blend_tags(data.draw(st.permutations(votes)))
    assert not votes or math.isclose(sum(tag.share for tag in blended), 1)
    assert all(0 < tag.share <= 1 for tag in blended)
