import pytest

from timbral.core.audit import Pair, audit_sample, read_pairs, score_pairs, wrong_pairs
from timbral.core.matching import Grade
from timbral.core.normalise import identify, track_id
from timbral.errors import InvalidInput

HEADER = "trap,artist_a,title_a,artist_b,title_b,same,half\n"


def given_ids(*names):
    return [(artist, title, track_id(identify(artist, title))) for artist, title in names]


def test_pairs_are_read_from_csv():
    assert read_pairs([HEADER, 'the,"Beatles, The",Help!,The Beatles,Help,yes,held out\n']) == [
        Pair("the", ("Beatles, The", "Help!"), ("The Beatles", "Help"), same=True, half="held out")
    ]


def test_a_missing_column_is_named():
    with pytest.raises(InvalidInput, match="lack the column 'artist_b'"):
        read_pairs(["trap,artist_a,title_a,title_b,same,half\n"])


def test_a_label_is_yes_or_no():
    with pytest.raises(InvalidInput, match="same is 'perhaps' in line 2"):
        read_pairs([HEADER, "the,A,B,C,D,perhaps,held out\n"])


def test_each_trap_is_scored_and_then_all():
    pairs = [
        Pair("the", ("The Beatles", "Help"), ("Beatles", "Help"), same=True, half="held out"),
        Pair("the", ("The Beatles", "Help"), ("Beatles", "Yesterday"), same=True, half="held out"),
        Pair("live", ("Nirvana", "Polly"), ("Nirvana", "Polly - Remastered"), same=False, half="held out"),
    ]

    scores = score_pairs(pairs)

    assert [(score.trap, score.precision_share, score.recall_share) for score in scores] == [
        ("the", 1.0, 0.5),
        ("live", 0.0, 1.0),
        ("all", 0.5, 0.5),
    ]
    assert wrong_pairs(pairs) == pairs[1:]


def test_merges_and_near_misses_are_listed_with_grade_and_reason():
    names = given_ids(
        ("Nirvana", "Polly"),
        ("Nirvana", "Polly (Remastered)"),
        ("Nirvana", "Polly (Live)"),
        ("Prince", "Kiss"),
    )

    merge, miss, *others = audit_sample(names)

    assert (merge.a, merge.b, merge.merged) == (("Nirvana", "Polly"), ("Nirvana", "Polly (Remastered)"), True)
    assert merge.grade is Grade.EXACT
    assert (miss.a, miss.b, miss.merged) == (("Nirvana", "Polly"), ("Nirvana", "Polly (Live)"), False)
    assert (miss.grade, miss.reason) == (Grade.LOW, "other versions: live, plain")
    assert others == []


def test_a_sample_depends_on_its_seed_and_not_on_the_order():
    names = given_ids(
        *((f"Band {number}", title) for number in range(40) for title in ("Song", "Song (Remastered)"))
    )

    chosen = audit_sample(names, wanted_count=10, seed=1)

    assert sum(finding.merged for finding in chosen) == 10
    assert audit_sample(names[::-1], wanted_count=10, seed=1) == chosen
    assert audit_sample(names, wanted_count=10, seed=2) != chosen
