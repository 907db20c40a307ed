import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from timbral.errors import InvalidInput
from timbral.recommender.models.fusion import Blend, fuse, min_max_scaled, popularity_shares, z_scaled

NUMBERS = st.floats(-100, 100, width=32)
ROWS = arrays.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=NUMBERS)


def test_the_formula_of_the_design():
    cf, likeness = np.array([0.0, 5.0, 10.0]), np.array([-1.0, 1.0, 0.0])
    popularity = np.array([0.0, 0.5, 1.0])

    fused = fuse(cf, likeness, popularity, Blend(0.6, 0.3, 0.1))

    assert fused == pytest.approx([0.1, 0.3 + 0.3 + 0.05, 0.6 + 0.15])


def test_votes_are_scaled_and_count_as_much_as_their_weight():
    blend = Blend(0.6, 0.3, 0.1, delta=0.5)
    zeros, together = np.zeros(3), np.array([0.0, 1.0, 4.0])

    fused = fuse(zeros, zeros, np.ones(3), blend, together)

    assert fused == pytest.approx([0, 0.125, 0.5])
    assert fuse(zeros, zeros, np.ones(3), blend).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="together"):
        fuse(zeros, zeros, np.ones(3), blend, np.zeros(2))


@pytest.mark.parametrize("scaling", ["min-max", "z"])
@given(scores=ROWS, stretch=st.floats(0.5, 100), shift=st.floats(-50, 50))
def test_the_unit_of_collaborative_scores_does_not_matter(scaling, scores, stretch, shift):
    likeness, popularity = np.zeros_like(scores), np.zeros(scores.shape[1], dtype=np.float32)
    wide = scores.astype(np.float64)
    blend = Blend(scaling=scaling)

    fused = fuse(wide, likeness, popularity, blend)

    spread = np.ptp(wide, axis=1)
    if (spread[spread > 0] > 1e-3).all():
        np.testing.assert_allclose(
            fuse(wide * stretch + shift, likeness, popularity, blend), fused, atol=1e-3
        )


@given(ROWS)
def test_min_max_lies_in_0_to_1_and_keeps_the_order(scores):
    scaled = min_max_scaled(scores)

    assert ((scaled >= 0) & (scaled <= 1)).all()
    for row, before in zip(scaled, scores, strict=True):
        assert (np.diff(row[np.argsort(before, kind="stable")]) >= 0).all()


@given(ROWS)
def test_z_scores_stay_finite(scores):
    assert np.isfinite(z_scaled(scores)).all()


def test_equal_scores_decide_nothing():
    popularity = np.array([0.9, 0.1])

    fused = fuse(np.ones(2), np.ones(2), popularity, Blend())

    assert fused == pytest.approx([0.01, 0.09])


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="shapes differ"):
        fuse(np.zeros(2), np.zeros(3), np.zeros(2), Blend())


@pytest.mark.parametrize(
    "weights", [{"alpha": -1.0}, {"beta": np.nan}, {"gamma": np.inf}, {"scaling": "rank"}]
)
def test_a_blend_that_makes_no_sense_is_refused(weights):
    with pytest.raises(InvalidInput, match="must be"):
        Blend(**weights)


def test_no_candidates_give_no_scores():
    assert fuse(np.zeros(0), np.zeros(0), np.zeros(0), Blend()).shape == (0,)


def test_popularity_is_the_share_of_items_that_fewer_play():
    assert popularity_shares(np.array([5, 0, 2, 2])).tolist() == [0.75, 0.0, 0.25, 0.25]
