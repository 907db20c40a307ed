"""What linear models, landmarks and trees count beside each other, on planted predictions."""

import json
import shutil

import numpy as np
import pytest

from timbral.errors import ContractBroken
from timbral.mood.blend import MEMBERS, Blend, load_blend
from timbral.mood.kernel import KernelOpinions, kernel_inputs, split_kernel
from timbral.mood.predictor import MoodPredictor
from timbral.mood.targets import TARGETS
from timbral.mood.training.blending import blend_each_fold, fit_blend
from timbral.mood.training.landmarks import fit_kernel


def planted_members(noises, rows_count=2_000, seed=0):
    """Labels, and members that miss them by noise of their own."""
    rng = np.random.default_rng(seed)
    labels = rng.uniform(0.3, 0.7, (rows_count, len(TARGETS))).astype(np.float32)
    members = [labels + rng.normal(0, noise, labels.shape) for noise in noises]
    return np.stack(members, axis=1).astype(np.float32), labels


def test_the_member_that_is_right_counts_alone():
    members, labels = planted_members((0.2, 0.0, 0.2))

    assert np.allclose(fit_blend(members, labels).shares.T, [0, 1, 0], atol=0.1)


def test_members_that_err_independently_and_alike_count_alike_and_do_better_together():
    members, labels = planted_members((0.1, 0.1, 0.1))

    blend = fit_blend(members, labels)

    assert np.allclose(blend.shares, 1 / 3, atol=0.1)
    together = np.sqrt(np.mean((blend.mix(members) - labels) ** 2))
    assert together < 0.7 * np.sqrt(np.mean((members[:, 0] - labels) ** 2))


def test_a_handful_of_rows_is_not_believed():
    members, labels = planted_members((0.1, 0.05, 0.1), rows_count=3)

    assert np.allclose(fit_blend(members, labels).shares, 1 / 3, atol=0.15)


def test_a_target_without_labels_gets_equal_shares_that_can_be_kept():
    members, labels = planted_members((0.1, 0.1, 0.1))
    labels[:, 0] = np.nan

    blend = fit_blend(members, labels)

    assert np.allclose(blend.shares[:, 0], 1 / 3)
    assert np.allclose(load_blend(json.loads(json.dumps(blend.to_json()))).shares, blend.shares, atol=1e-5)


def test_a_folds_blend_does_not_see_the_folds_own_labels():
    members, labels = planted_members((0.2, 0.1, 0.2))
    folds = np.arange(len(labels)) % 4
    changed = labels.copy()
    changed[folds == 2] = members[folds == 2, 0]

    before, after = (blend_each_fold(members, one, folds) for one in (labels, changed))

    assert np.array_equal(before[folds == 2], after[folds == 2])
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("broken", [{}, {"energy": {"trees": 1.0}}, dict.fromkeys(TARGETS, 2)])
def test_a_blend_that_can_not_be_read_is_refused(broken):
    with pytest.raises(ContractBroken, match="blend"):
        load_blend(broken)


def test_shares_that_do_not_sum_to_one_are_refused_by_target(model_folder, tmp_path):
    found = json.loads((model_folder / "blend.json").read_bytes())
    found["sad"] = dict.fromkeys(MEMBERS, 0.9)

    with pytest.raises(ContractBroken, match="'sad'"):
        load_blend(found)

    shutil.copytree(model_folder, tmp_path / "model")
    (tmp_path / "model" / "blend.json").write_text(json.dumps(found))
    with pytest.raises(ContractBroken, match=r"blend\.json"):
        MoodPredictor(tmp_path / "model")


def exclusive_world(rows_count=600):
    """A label that is high if one of two things holds, but not both: no sum of the two tells it."""
    rng = np.random.default_rng(1)
    topics = rng.integers(0, 2, (rows_count, 2)).astype(np.float32)
    nothing = np.zeros((rows_count, len(TARGETS)), dtype=np.float32)
    facts = np.hstack([np.zeros((rows_count, 3)), topics]).astype(np.float32)
    inputs = kernel_inputs(nothing, np.zeros((rows_count, 1), dtype=np.float32), facts)
    labels = np.full((rows_count, len(TARGETS)), np.nan, dtype=np.float32)
    labels[:, 0] = topics[:, 0] != topics[:, 1]
    return inputs, labels, np.arange(rows_count) % 50, np.arange(rows_count) % 5


def test_landmarks_find_what_no_sum_of_causes_can_say():
    inputs, labels, artists, folds = exclusive_world()

    found = fit_kernel(inputs, labels, artists, folds).opine(inputs)

    assert np.abs(found[:, 0] - labels[:, 0]).max() < 0.1
    assert not found[:, 1:].any()


def test_landmarks_answer_each_row_the_same_whatever_is_beside_it():
    inputs, labels, artists, folds = exclusive_world()
    inputs = inputs + np.random.default_rng(2).normal(0, 0.1, inputs.shape)
    kernel = fit_kernel(inputs, labels, artists, folds)

    alone = np.vstack([kernel.opine(inputs[[place]]) for place in range(50)])

    assert np.array_equal(kernel.opine(inputs)[:50], alone)
    assert np.array_equal(split_kernel(kernel.to_array()).opine(inputs), kernel.opine(inputs))


def test_landmarks_of_another_width_are_refused():
    kernel = KernelOpinions(np.zeros((2, 5)), np.zeros((2, len(TARGETS))), np.zeros(len(TARGETS)))

    with pytest.raises(ContractBroken, match="5 columns, not 4"):
        kernel.opine(np.zeros((1, 4)))


def test_a_mix_stays_within_shares():
    shares = np.full((len(MEMBERS), len(TARGETS)), 1 / 3, dtype=np.float32)
    wild = np.random.default_rng(3).normal(0, 5, (50, len(MEMBERS), len(TARGETS))).astype(np.float32)

    mixed = Blend(shares).mix(wild)

    assert mixed.min() >= 0
    assert mixed.max() <= 1
