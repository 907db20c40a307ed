from hypothesis import given
from hypothesis import strategies as st

from timbral.core.clustering import MOST_NAMES, Spelling, cluster
from timbral.core.matching import Grade
from timbral.core.normalise import identify, track_id

ISRC = ("isrc:GBAYE0601498",)
MBID = ("mbid:129e5274-5311-4e67-a491-74794aefdeda",)


def spelled(artist, title, ids=()):
    return Spelling(identify(artist, title), ids)


def canonical(spelling, aliases):
    own_id = track_id(spelling.identity)
    return aliases[own_id].canonical_id if own_id in aliases else own_id


def are_one(a, b, *others):
    aliases = cluster((a, b, *others))
    return canonical(a, aliases) == canonical(b, aliases)


def test_a_duo_and_a_guest_are_one_credit():
    assert are_one(
        spelled("Kygo & Selena Gomez", "It Ain't Me"), spelled("Kygo feat. Selena Gomez", "It Ain't Me")
    )
    assert are_one(
        spelled("Queen & David Bowie", "Under Pressure"), spelled("David Bowie & Queen", "Under Pressure")
    )


def test_other_guests_are_another_credit():
    assert not are_one(spelled("A & B", "Song"), spelled("A feat. C", "Song"))


def test_a_shared_id_joins_near_spellings():
    assert are_one(spelled("Nirvana", "Polly Jean", ISRC), spelled("Nirvana", "Polly Jeane", ISRC))


def test_a_shared_id_joins_nothing_that_the_names_deny():
    studio = spelled("Nirvana", "Polly", MBID)

    assert not are_one(studio, spelled("Nirvana", "Polly (Live)", MBID))
    assert not are_one(studio, spelled("Nirvana", "Breed", MBID))
    assert not are_one(studio, spelled("Vitamin String Quartet", "Polly", MBID))


def test_a_chain_of_small_steps_does_not_join_its_ends():
    names = ["abcdefghij", "abcdefghik", "abcdefghlk", "abcdefgmlk", "abcdefnmlk", "abcdeonmlk"]
    chain = [
        spelled("Nirvana", name, (f"isrc:{place}", f"isrc:{place + 1}")) for place, name in enumerate(names)
    ]

    assert not are_one(chain[0], chain[-1], *chain[1:-1])


def test_an_id_on_everything_is_noise():
    unknown = [spelled("Nirvana", f"Polly{'y' * place}", ISRC) for place in range(MOST_NAMES + 1)]

    assert cluster(unknown) == {}


def test_the_smallest_id_stands_for_all_and_each_member_has_an_alias():
    duo, guest = spelled("A & B", "Song"), spelled("A feat. B", "Song")

    aliases = cluster((duo, guest))

    ids = sorted(track_id(one.identity) for one in (duo, guest))
    assert list(aliases) == ids
    assert {(alias.canonical_id, alias.grade) for alias in aliases.values()} == {(ids[0], Grade.HIGH)}
    assert aliases[ids[1]].reason == "the same names credited"


SPELLINGS = st.lists(
    st.builds(
        spelled,
        st.sampled_from(["A & B", "A feat. B", "B & A", "A", "B feat. A", "宇多田ヒカル", "Hikaru Utada"]),
        st.sampled_from(["Song", "Song (Live)", "Sonng", "Songs", "Song, Pt. 2", "Songg (feat. C)"]),
        st.lists(st.sampled_from(["isrc:1", "mbid:2", "spotify:3"]), max_size=2, unique=True).map(tuple),
    ),
    max_size=14,
)


@given(SPELLINGS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_cluster(spellings, random):
    shuffled = spellings + spellings[:3]
    random.shuffle(shuffled)

    assert cluster(shuffled) == cluster(spellings)


@given(SPELLINGS)
def test_every_canonical_id_stands_for_itself(spellings):
    aliases = cluster(spellings)

    assert all(aliases[alias.canonical_id].canonical_id == alias.canonical_id for alias in aliases.values())


@given(SPELLINGS)
def test_a_cluster_holds_one_version_only(spellings):
    aliases = cluster(spellings)

    versions = {(canonical(one, aliases), one.identity.version_key) for one in spellings}
    assert len(versions) == len({canonical(one, aliases) for one in spellings})
