import numpy as np
import pytest

from tests.mood.planted import CAUSES, DIMENSION, planted_rows
from tests.mood.stores import embedding_row, open_store, pin_store, view_of, view_row
from timbral.errors import ContractBroken
from timbral.mood import aligned
from timbral.mood.predictor import MoodPredictor
from timbral.mood.run import run
from timbral.progress import Silent
from timbral.tables.mood import TRACK_MOOD_PRED


def rows_of(tables, result):
    return tables.read(TRACK_MOOD_PRED, result.snapshots[TRACK_MOOD_PRED.name]).to_pylist()


def planted_store(folder, rows):
    tables, _ = open_store(folder)
    pins = pin_store(
        tables, [view_of(row) for row in rows], [embedding_row(row.track_id, row.vector) for row in rows]
    )
    return tables, pins


def test_every_track_gets_a_row_and_planted_moods_are_found(tmp_path, predictor):
    rows = planted_rows(tracks_count=60, seed=3)
    tables, pins = planted_store(tmp_path, rows)

    result = run(tables, pins, Silent(), predictor, encoder="planted")

    found = rows_of(tables, result)
    assert [row["track_id"] for row in found] == sorted(row.track_id for row in rows)
    assert (result.rows_count, result.computed_count, result.reused_count) == (60, 60, 0)
    right = [row.labels[found[place]["moods"][0]] for place, row in enumerate(rows) if found[place]["moods"]]
    assert np.mean(right) > 0.9
    assert {row["model"] for row in found} == {predictor.version}


def test_a_second_run_over_the_same_input_computes_nothing(tmp_path, predictor):
    tables, pins = planted_store(tmp_path, planted_rows(tracks_count=30))
    first = run(tables, pins, Silent(), predictor, encoder="planted")

    second = run(tables, pins, Silent(), predictor, encoder="planted")

    assert second.snapshots == first.snapshots
    assert (second.computed_count, second.reused_count) == (0, 30)


def test_only_a_changed_track_is_predicted_again(tmp_path, predictor):
    rows = planted_rows(tracks_count=30)
    tables, pins = planted_store(tmp_path, rows)
    before = rows_of(tables, run(tables, pins, Silent(), predictor, encoder="planted"))
    view = [view_of(row) for row in rows]
    view[7] |= {"tags": CAUSES["dark"], "tag_shares": [0.4, 0.3, 0.3], "genres": ["metal"]}
    pins = pin_store(tables, view, [embedding_row(row.track_id, row.vector) for row in rows])

    result = run(tables, pins, Silent(), predictor, encoder="planted")

    after = rows_of(tables, result)
    assert (result.computed_count, result.reused_count) == (1, 29)
    assert [place for place in range(30) if before[place] != after[place]] == [7]


def test_reused_rows_are_those_that_a_fresh_store_would_compute(tmp_path, predictor):
    rows = planted_rows(tracks_count=40)
    tables, pins = planted_store(tmp_path / "one", rows[:25])
    run(tables, pins, Silent(), predictor, encoder="planted")
    pins = pin_store(
        tables, [view_of(row) for row in rows], [embedding_row(row.track_id, row.vector) for row in rows]
    )

    grown = run(tables, pins, Silent(), predictor, encoder="planted")

    fresh_tables, fresh_pins = planted_store(tmp_path / "two", rows)
    fresh = run(fresh_tables, fresh_pins, Silent(), predictor, encoder="planted")
    assert grown.computed_count == 15
    assert grown.snapshots == fresh.snapshots


def test_the_size_of_batches_does_not_show(tmp_path, predictor, monkeypatch):
    rows = planted_rows(tracks_count=40)
    tables, pins = planted_store(tmp_path / "one", rows)
    whole = run(tables, pins, Silent(), predictor, encoder="planted")
    monkeypatch.setattr(aligned, "BATCH_ROWS", 7)

    tables, pins = planted_store(tmp_path / "two", rows)
    pieces = run(tables, pins, Silent(), predictor, encoder="planted")

    assert pieces.snapshots == whole.snapshots


def test_another_model_predicts_every_track_again(tmp_path, predictor, model_folder):
    tables, pins = planted_store(tmp_path, planted_rows(tracks_count=30))
    run(tables, pins, Silent(), predictor, encoder="planted")

    result = run(tables, pins, Silent(), MoodPredictor(model_folder, "another"), encoder="planted")

    assert result.computed_count == 30


def test_a_bare_track_and_one_with_only_a_genre_get_priors(tmp_path, predictor):
    tables, _ = open_store(tmp_path)
    pins = pin_store(tables, [view_row("a"), view_row("b", genres=["Metal"])])

    bare, metal = rows_of(tables, run(tables, pins, Silent(), predictor, encoder="planted"))

    assert (bare["mood_confidence"], metal["mood_confidence"]) == ("low", "low")
    assert metal["dark"] > bare["dark"]
    assert metal["valence"] < bare["valence"]


def test_a_store_without_tracks_gives_an_empty_table(tmp_path, predictor):
    tables, _ = open_store(tmp_path)
    pins = pin_store(tables, [])

    result = run(tables, pins, Silent(), predictor, encoder="planted")

    assert (result.rows_count, result.computed_count) == (0, 0)
    assert rows_of(tables, result) == []


def test_a_model_of_another_encoder_is_refused(tmp_path, predictor):
    tables, pins = planted_store(tmp_path, planted_rows(tracks_count=5))

    with pytest.raises(ContractBroken, match="encoder 'planted', the store's is of 'other'"):
        run(tables, pins, Silent(), predictor, encoder="other")


def test_a_share_that_is_not_a_number_is_refused_by_the_name_of_its_track(tmp_path, predictor):
    tables, _ = open_store(tmp_path)
    pins = pin_store(tables, [view_row("bad", tags=["rock"], tag_shares=[float("nan")])])

    with pytest.raises(ContractBroken, match="tag_shares of track 'bad'"):
        run(tables, pins, Silent(), predictor, encoder="planted")


def test_vectors_of_a_column_keep_their_rows():
    import pyarrow as pa

    vectors = [None, [1.0] * DIMENSION, None, [2.0] * DIMENSION]
    column = pa.chunked_array(
        [pa.array(vectors[:2], pa.list_(pa.float32())), pa.array(vectors[2:], pa.list_(pa.float32()))]
    )

    found = aligned.vectors_of(column, DIMENSION)

    assert found[:, 0].tolist() == [0, 1, 0, 2]
