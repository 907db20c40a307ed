import duckdb
import pytest

from timbral.core.mentions import MACROS

SPOTIFY = "70LcF31zb1H0PyJoS1Sx1r"
MBID = "0c5a3b1e-0000-4000-8000-00000000000a"


@pytest.mark.parametrize(
    ("own_id", "expected"),
    [
        (SPOTIFY, f"spotify:{SPOTIFY}"),
        (f"spotify:track:{SPOTIFY}", f"spotify:{SPOTIFY}"),
        (MBID.upper(), f"mbid:{MBID}"),
        ("SOBBMDR12A8C13253B", "echonest:SOBBMDR12A8C13253B"),
        ("17", "plain:17"),
        (" ", None),
        (None, None),
    ],
)
def test_an_id_that_is_unique_the_world_over_goes_by_its_kind_and_any_other_by_its_source(own_id, expected):
    with duckdb.connect() as engine:
        engine.execute(MACROS)

        assert engine.execute("SELECT outside_id('plain', $id)", {"id": own_id}).fetchall() == [(expected,)]


@pytest.mark.parametrize(
    ("artist", "track", "expected"),
    [("Air", "Venus", True), ("Air", None, False), (None, "Venus", False), ("Air", " ", False)],
)
def test_a_row_is_named_only_by_artist_and_track(artist, track, expected):
    with duckdb.connect() as engine:
        engine.execute(MACROS)

        found = engine.execute("SELECT is_named($a, $t)", {"a": artist, "t": track}).fetchall()

    assert found == [(expected,)]
