"""Moods from raw facts: the way in that the API and the nightly stage share."""

import subprocess
import sys

import numpy as np
import pytest

from tests.mood.planted import CAUSES, DIMENSION
from tests.mood.stores import embedding_row, open_store, pin_store, view_row
from timbral.embeddings.texts import pool_parts, track_texts
from timbral.errors import ContractBroken, InvalidInput
from timbral.mood.run import run
from timbral.mood.tracks import KnownTrack, predict_tracks
from timbral.progress import Silent
from timbral.tables.columns import MOODS
from timbral.tables.mood import TRACK_MOOD_PRED

FACTS = {"genres": ["metal"], "year": 1994, "duration_ms": 200_000, "title": "Night"}


class CountingEncoder:
    """Its vector of a text depends on nothing but the text."""

    fingerprint = "planted"

    def encode(self, texts):
        rows = [np.random.default_rng(len(text)).normal(size=DIMENSION) for text in texts]
        return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


def nightly(folder, predictor, row, vector=None):
    tables, _ = open_store(folder)
    embeddings = [] if vector is None else [embedding_row(row["track_id"], vector)]
    pins = pin_store(tables, [row], embeddings)
    result = run(tables, pins, Silent(), predictor, encoder="planted")
    return tables.read(TRACK_MOOD_PRED, result.snapshots[TRACK_MOOD_PRED.name]).to_pylist()[0]


def assert_same(mood, row):
    assert (mood.energy, mood.valence) == (row["energy"], row["valence"])
    assert mood.shares == {name: row[name] for name in MOODS}
    assert (mood.moods, mood.confidence) == (row["moods"], row["mood_confidence"])


def test_a_request_and_the_nightly_stage_say_the_same_of_the_same_facts(tmp_path, predictor):
    tags = {CAUSES["dark"][0]: 75, CAUSES["sad"][0]: 25}
    row = view_row("1" * 32, tags=list(tags), tag_shares=[0.75, 0.25], listeners_count=40, **FACTS)

    found = predict_tracks(predictor, [KnownTrack(tags=tags, listeners_count=40, **FACTS)])

    assert_same(found[0], nightly(tmp_path, predictor, row))


def test_they_do_with_text_as_well(tmp_path, predictor):
    tags, prose = {"an unheard-of word": 1.0}, "Slow, cold and heavy."
    row = view_row("1" * 32, tags=list(tags), tag_shares=[1.0], album_description=prose, **FACTS)
    parts = track_texts(
        title="Night",
        artist=None,
        tags=list(tags),
        tag_shares=[1.0],
        genres=FACTS["genres"],
        year=1994,
        album=None,
        album_description=prose,
        review_snippets=(),
    )
    vector = pool_parts([p.kind for p in parts], CountingEncoder().encode([p.text for p in parts]))

    track = KnownTrack(tags=tags, album_description=prose, **FACTS)
    found = predict_tracks(predictor, [track], CountingEncoder())

    assert_same(found[0], nightly(tmp_path, predictor, row, vector))
    assert found[0] != predict_tracks(predictor, [track])[0]


def test_tags_are_read_however_they_are_spelled_and_scaled(predictor):
    name = CAUSES["happy"][0]

    plain, shouted = predict_tracks(
        predictor, [KnownTrack(tags={name: 1}), KnownTrack(tags={name.upper(): 100, "seen live": 100})]
    )

    assert plain == shouted
    assert plain.moods[0] == "happy"


def test_a_genre_alone_gets_its_prior_with_low_confidence_and_nothing_at_all_an_answer_too(predictor):
    metal, nothing = predict_tracks(predictor, [KnownTrack(genres=["Metal"]), KnownTrack()])

    assert (metal.confidence, nothing.confidence) == ("low", "low")
    assert metal.shares["dark"] > nothing.shares["dark"]
    assert predict_tracks(predictor, []) == []


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"tags": {"rock": -1.0}}, "tags"),
        ({"tags": {"rock": float("nan")}}, "tags"),
        ({"year": 12}, "year"),
        ({"listeners_count": -1}, "listeners_count"),
        ({"duration_ms": 0}, "duration_ms"),
    ],
)
def test_a_fact_out_of_bounds_is_refused_by_name(facts, named):
    with pytest.raises(InvalidInput, match=named) as refused:
        KnownTrack(**facts)

    assert refused.value.field == named


def test_another_encoder_is_refused(predictor):
    stranger = CountingEncoder()
    stranger.fingerprint = "another"

    with pytest.raises(ContractBroken, match="another"):
        predict_tracks(predictor, [KnownTrack(tags={"rock": 1})], stranger)


def test_a_request_loads_no_training_library(model_folder):
    code = (
        "import sys; from pathlib import Path; from timbral.mood.predictor import MoodPredictor;"
        "from timbral.mood.tracks import KnownTrack, predict_tracks;"
        f"predict_tracks(MoodPredictor(Path({str(model_folder)!r})), [KnownTrack(tags={{'rock': 1}})]);"
        "print(sorted({'xgboost', 'lightgbm', 'sklearn', 'scipy', 'onnx', 'pandas'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
