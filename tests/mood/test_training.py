import json
from dataclasses import replace

import numpy as np
import pytest

from tests.mood.conftest import QUICK
from tests.mood.planted import planted_examples, planted_rows
from timbral.digests import digest_file
from timbral.errors import ContractBroken, InvalidInput
from timbral.mood.inputs import VIEW_COLUMNS, MoodInput, words_of
from timbral.mood.predictor import MoodPredictor
from timbral.mood.targets import AUDIO_INPUTS, TARGETS
from timbral.mood.training.blending import fit_blend
from timbral.mood.training.examples import as_moods, stack
from timbral.mood.training.folds import assign_folds
from timbral.mood.training.leaks import (
    refuse_copied_labels,
    refuse_leaking_columns,
    refuse_split_artists,
    refuse_voting_inputs,
)
from timbral.mood.training.model import PARITY, check_parity, train_model
from timbral.mood.training.settings import TrainingSettings
from timbral.mood.training.stacked import fit_stacked
from timbral.mood.training.thresholds import best_constant, micro_f1, tune_thresholds
from timbral.mood.training.trees import choose_settings, grow, settings_for
from timbral.progress import Silent
from timbral.tables.features import TRACK_FEATURE_VIEW


def digests(folder):
    return {str(path.relative_to(folder)): digest_file(path) for path in folder.rglob("*") if path.is_file()}


def test_the_same_examples_give_the_same_bytes(examples, model_folder, tmp_path):
    backwards = stack(examples.rows[::-1], examples.text.shape[1])

    train_model(backwards, replace(QUICK, workers_count=2), Silent(), tmp_path / "again", encoder="planted")

    assert digests(tmp_path / "again") == digests(model_folder)


def test_the_exported_model_answers_as_the_native_one(examples, predictor):
    native = fit_stacked(examples, QUICK, Silent())

    assert check_parity(native, predictor, examples) <= PARITY


def test_an_exported_model_of_other_data_fails_the_parity_check(examples, predictor):
    other = fit_stacked(planted_examples(seed=5), QUICK, Silent())

    with pytest.raises(ContractBroken, match="differs from the native one"):
        check_parity(other, predictor, examples)


def test_metrics_stand_beside_their_baselines(model_folder):
    metrics = json.loads((model_folder / "metrics.json").read_bytes())

    for target in ("energy", "valence"):
        found = metrics["regressions"][target]
        assert found["model_rmse"] < 0.5 * found["mean_rmse"]
        assert found["ridge_rmse"] < found["mean_rmse"]
    assert metrics["moods"]["model_micro_f1"] > 0.8 > metrics["moods"]["constant_micro_f1"] + 0.2
    assert metrics["protocol"] == "3 folds, no artist on both sides"


def test_native_models_and_their_versions_are_kept_for_retraining(model_folder):
    native = {path.name for path in (model_folder / "native").iterdir()}
    pinned = (model_folder / "requirements.txt").read_text()

    assert len(native) == len(TARGETS)
    assert "lightgbm==" in pinned
    assert "xgboost" in pinned


def test_without_text_a_model_still_finds_the_causes(tmp_path):
    examples = planted_examples(text=False)

    train_model(examples, QUICK, Silent(), tmp_path / "model")

    predictor = MoodPredictor(tmp_path / "model")
    found = predictor.predict(examples.tracks, examples.text)
    assert predictor.text_dimension == 0
    assert np.abs(found.values[:, 0] - examples.labels[:, 0]).mean() < 0.1


def test_audio_inputs_need_leave_to_train_on_providers_content():
    with pytest.raises(InvalidInput, match="train_on_provider_content"):
        TrainingSettings(audio_inputs=True)


def test_an_audio_assisted_model_says_so(tmp_path):
    settings = TrainingSettings(folds_count=3, audio_inputs=True, train_on_provider_content=True)

    manifest = train_model(planted_examples(audio=True), settings, Silent(), tmp_path / "model")

    assert "audio" in manifest.inputs
    assert MoodPredictor(tmp_path / "model").with_audio


@pytest.mark.parametrize("column", ["audio:energy", "audio:valence", "audio:mood"])
def test_what_is_predicted_may_not_be_an_input(column):
    with pytest.raises(ContractBroken, match="leak"):
        refuse_leaking_columns(["tag:rock", f"audio:{AUDIO_INPUTS[0]}", column])


def test_a_label_under_another_name_is_refused(tmp_path):
    rows = [
        replace(row, track=replace(row.track, audio=(row.labels["energy"], *row.track.audio[1:])))
        for row in planted_rows(audio=True)
    ]
    settings = TrainingSettings(folds_count=3, audio_inputs=True, train_on_provider_content=True)

    with pytest.raises(ContractBroken, match=r"'danceability' is a copy of the label 'energy'"):
        train_model(stack(rows, 16), settings, Silent(), tmp_path / "model")


def test_an_honest_audio_feature_is_no_copy():
    labels = np.random.default_rng(0).random((100, len(TARGETS))).astype(np.float32)
    noisy = labels[:, [0]] + np.random.default_rng(1).normal(0, 0.2, (100, 1)).astype(np.float32)

    refuse_copied_labels(["tempo"], noisy, labels)


def test_an_artist_on_both_sides_of_a_fold_is_refused():
    with pytest.raises(ContractBroken, match="'ann' lies in folds 0 and 1"):
        refuse_split_artists(["ann", "bob", "ann"], np.array([0, 0, 1]))


def test_folds_keep_each_artist_on_one_side():
    artists = [f"artist {number % 17}" for number in range(200)]

    folds = assign_folds(artists, 5)

    refuse_split_artists(artists, folds)
    assert sorted(np.bincount(folds)) == sorted(np.bincount(assign_folds(artists, 5)))
    assert np.bincount(folds).min() > 20


def test_fewer_artists_than_folds_are_refused():
    with pytest.raises(InvalidInput, match="2 artists can't be dealt into 5 folds"):
        assign_folds(["ann", "bob"], 5)


def test_a_row_may_not_see_the_tags_that_voted_for_it():
    [row] = planted_rows(tracks_count=1, text=False)
    honest = replace(row, origin="voted")
    leaking = replace(honest, track=replace(row.track, tags=(("melancholic", 1.0),)))

    refuse_voting_inputs([honest])
    with pytest.raises(ContractBroken, match="'melancholic' among its inputs"):
        refuse_voting_inputs([leaking])


def test_a_row_may_not_read_the_text_that_voted_for_it():
    [row] = planted_rows(tracks_count=1)

    with pytest.raises(ContractBroken, match="a text embedding among its inputs"):
        refuse_voting_inputs([replace(row, origin="voted")])


def test_too_few_labels_are_refused_by_name():
    with pytest.raises(InvalidInput, match="'energy' has 10 labels"):
        stack(planted_rows(tracks_count=10), 16)


def test_half_of_the_judges_make_a_mood():
    assert as_moods({"energy": 0.3, "sad": 0.5, "dark": 0.49, "happy": None}) == {
        "energy": 0.3,
        "sad": 1.0,
        "dark": 0.0,
    }


def test_micro_f1_counts_all_known_cells_together():
    truth = np.array([[1, 0], [1, np.nan]], dtype=np.float32)

    assert micro_f1(np.array([[True, True], [False, True]]), truth) == 0.5


def test_the_best_constant_names_the_commonest_moods():
    truth = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0]], dtype=np.float32)

    assert best_constant(truth) == round(6 / 7, 4)


def test_thresholds_part_what_can_be_parted():
    truth = np.tile(np.array([[0], [1]], dtype=np.float32), (10, 6))
    scores = np.where(truth == 1, 0.3, 0.2).astype(np.float32)

    assert all(0.2 < threshold <= 0.3 for threshold in tune_thresholds(scores, truth).values())


def test_the_specifications_trees_can_be_chosen(examples):
    energy = examples.labels[:, TARGETS.index("energy")]
    matrix = examples.text.astype(np.float32)

    [chosen] = settings_for("energy", len(energy), "specified")
    grown = grow("energy", matrix, energy, np.ones(len(energy)), chosen)

    assert (chosen.rounds_count, chosen.depth) == (800, 10)
    assert (grown.get_booster().num_boosted_rounds(), grown.max_depth) == (800, 10)
    assert settings_for("energy", len(energy), "tuned")[0].rounds_count < chosen.rounds_count


def test_trees_grow_as_does_best_on_artists_that_judge():
    rng = np.random.default_rng(3)
    matrix = rng.random((4_000, 3)).astype(np.float32)
    labels = matrix[:, 0]
    judge = np.arange(4_000) % 5 == 0
    odd = labels.copy()
    odd[judge] = 1 - odd[judge]  # who judges says the opposite
    given = {"judge": judge, "wanted": "tuned"}

    candidates = settings_for("energy", 4_000, "tuned")
    right = choose_settings("energy", matrix, labels, np.ones(4_000), **given)
    misled = choose_settings("energy", matrix, odd, np.ones(4_000), **given)
    unjudged = choose_settings(
        "energy", matrix, labels, np.ones(4_000), judge=np.zeros(4_000, dtype=bool), wanted="tuned"
    )

    assert right != misled
    assert {right, misled} <= set(candidates)
    assert unjudged == candidates[0]


def test_no_column_of_spotifys_is_among_what_a_prediction_looks_at_by_default():
    columns = {column.name: column for column in TRACK_FEATURE_VIEW.columns}

    assert not [name for name in VIEW_COLUMNS if columns[name].provenance == "spotify"]


@pytest.mark.parametrize("what", ["scores", "words"])
def test_what_an_albums_scores_and_title_say_of_a_track_is_learned(what):
    rng = np.random.default_rng(7)
    rows = []
    for row in planted_rows(text=False):
        loud = bool(rng.integers(2))
        known = {
            "scores": {"scores": (90.0 if loud else 40.0, None)},
            "words": {"words": words_of("Song", "Live at Home" if loud else "Lullabies")},
        }
        track = MoodInput(tags=(("rock", 1.0),), **known[what])
        rows.append(replace(row, track=track, labels={**row.labels, "energy": 0.8 if loud else 0.2}))
    examples = stack(rows, 0)

    members = fit_stacked(examples, QUICK, Silent()).members(examples.tracks, examples.text)
    model = fit_blend(members, examples.labels).mix(members)

    energy = examples.labels[:, TARGETS.index("energy")]
    errors = model[:, TARGETS.index("energy")] - energy
    assert np.sqrt(np.mean(errors**2)) < 0.5 * energy.std()
