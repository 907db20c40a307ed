import json
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.mood.planted import CAUSES, DIMENSION, column, planted_examples, text_of
from timbral.errors import ContractBroken
from timbral.mood.inputs import MoodInput
from timbral.mood.predictor import MoodPredictor
from timbral.mood.targets import TARGETS

NO_TEXT = np.zeros((1, DIMENSION), dtype=np.float32)


def tagged(*tags, genres=()):
    return MoodInput(tags=tuple((tag, 1 / len(tags)) for tag in tags), genres=genres)


def test_planted_causes_are_found_on_artists_that_were_never_seen(predictor):
    unseen = planted_examples(tracks_count=120, artists_count=30, seed=99)

    found = predictor.predict(unseen.tracks, unseen.text)

    errors = np.sqrt(np.mean((found.values - unseen.labels) ** 2, axis=0))
    assert errors[column("energy")] < 0.5 * unseen.labels[:, column("energy")].std()
    assert errors[column("valence")] < 0.5 * unseen.labels[:, column("valence")].std()
    named = [
        set(moods) == {m for m in TARGETS[2:] if row.labels[m]}
        for moods, row in zip(found.moods, unseen.rows, strict=True)
    ]
    assert np.mean(named) > 0.7


def test_tags_that_were_never_met_are_read_by_their_text(predictor):
    track = MoodInput(tags=(("an unheard-of word", 1.0),), text_hash="some text")

    dark, happy = (predictor.predict([track], text_of([mood])).values[0] for mood in ("dark", "happy"))

    assert dark[column("dark")] > happy[column("dark")] + 0.3
    assert happy[column("valence")] > dark[column("valence")] + 0.05


def test_a_track_is_predicted_the_same_whatever_is_beside_it(predictor, examples):
    together = predictor.predict(examples.tracks, examples.text).values

    alone = [
        predictor.predict([track], examples.text[[place]]).values[0]
        for place, track in enumerate(examples.tracks[:40])
    ]
    backwards = predictor.predict(examples.tracks[::-1], examples.text[::-1]).values

    assert np.array_equal(together[:40], np.stack(alone))
    assert np.array_equal(together, backwards[::-1])


def test_a_track_with_only_a_genre_gets_the_genres_prior_and_low_confidence(predictor):
    found = predictor.predict([tagged(genres=("metal",)), tagged(genres=("pop",))], np.vstack([NO_TEXT] * 2))

    assert found.confidences == ["low", "low"]
    assert found.values[0, column("dark")] > 0.7
    assert found.values[1, column("dark")] < 0.1
    assert found.values[0, column("valence")] < found.values[1, column("valence")]


def test_a_genre_nobody_knows_is_read_by_its_last_words(predictor):
    found = predictor.predict(
        [tagged(genres=("lunar metal",)), tagged(genres=("metal",))], np.vstack([NO_TEXT] * 2)
    )

    assert np.array_equal(found.values[0], found.values[1])


def test_a_track_of_which_nothing_is_known_gets_the_global_means(predictor, examples):
    found = predictor.predict([MoodInput()], NO_TEXT)

    assert found.confidences == ["low"]
    assert np.allclose(found.values[0], examples.labels.mean(axis=0), atol=1e-5)


def test_names_alone_are_nothing_to_go_on(predictor):
    only_names = MoodInput(text_hash="a text of names")

    found = predictor.predict([only_names, MoodInput()], np.vstack([text_of(["dark"]), NO_TEXT]))

    assert np.array_equal(found.values[0], found.values[1])


def test_confidence_grows_with_what_is_known(predictor):
    known = [CAUSES["dark"][0], CAUSES["dark"][1], CAUSES["sad"][0], CAUSES["sad"][1]]
    tracks = [tagged(*known), tagged(*known[:2]), tagged(known[0]), tagged(*known[:2], *"abcdefgh")]

    found = predictor.predict(tracks, np.vstack([NO_TEXT] * 4))

    assert found.confidences == ["high", "medium", "low", "medium"]


def test_moods_are_listed_surest_first_and_only_above_their_threshold(predictor, model_folder, examples):
    thresholds = json.loads((model_folder / "thresholds.json").read_bytes())

    found = predictor.predict(examples.tracks, examples.text)

    for moods, values in zip(found.moods, found.values, strict=True):
        shares = [values[column(mood)] for mood in moods]
        assert shares == sorted(shares, reverse=True)
        assert set(moods) == {m for m, least in thresholds.items() if values[column(m)] >= np.float32(least)}


def test_text_that_is_not_a_number_is_refused(predictor):
    broken = np.full((1, DIMENSION), np.nan, dtype=np.float32)

    with pytest.raises(ContractBroken, match="not a finite number"):
        predictor.predict([MoodInput()], broken)


def test_text_of_another_dimension_is_refused(predictor):
    with pytest.raises(ContractBroken, match=f"needs 1 by {DIMENSION}"):
        predictor.predict([tagged("x")], np.zeros((1, 3), dtype=np.float32))


@pytest.mark.parametrize(
    "name", ["energy.onnx", "sad.onnx", "vectoriser.json", "opinions.npy", "manifest.json"]
)
def test_a_missing_file_is_named(model_folder, tmp_path, name):
    shutil.copytree(model_folder, tmp_path / "model")
    (tmp_path / "model" / name).unlink()

    with pytest.raises(ContractBroken, match=name):
        MoodPredictor(tmp_path / "model")


@pytest.mark.parametrize("name", ["valence.onnx", "thresholds.json", "priors.json"])
def test_a_changed_file_is_named(model_folder, tmp_path, name):
    shutil.copytree(model_folder, tmp_path / "model")
    with (tmp_path / "model" / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ContractBroken, match=rf"{name} .*promises"):
        MoodPredictor(tmp_path / "model")


def test_a_manifest_that_breaks_its_declaration_is_refused(model_folder, tmp_path):
    shutil.copytree(model_folder, tmp_path / "model")
    path = tmp_path / "model" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "text_dimension": -1}))

    with pytest.raises(ContractBroken, match="text_dimension"):
        MoodPredictor(tmp_path / "model")


def test_no_file_of_a_model_is_a_pickle(model_folder):
    for path in model_folder.rglob("*"):
        if path.is_file():
            with pytest.raises(
                (
                    pickle.UnpicklingError,
                    EOFError,
                    ValueError,
                    AttributeError,
                    ImportError,
                    IndexError,
                    KeyError,
                    TypeError,
                )
            ):
                pickle.loads(path.read_bytes())  # noqa: S301  the test's own files


def test_serving_loads_no_training_library(model_folder):
    code = (
        "import sys; from pathlib import Path; from timbral.mood.predictor import MoodPredictor;"
        f"MoodPredictor(Path({str(model_folder)!r}));"
        "print(sorted({'xgboost', 'lightgbm', 'sklearn', 'scipy', 'onnx', 'pandas'} & set(sys.modules)))"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
