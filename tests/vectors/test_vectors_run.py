import numpy as np
import pytest

from tests.mood.planted import DIMENSION, planted_rows
from tests.mood.stores import embedding_row, open_store, pin_store, publish, view_of, view_row
from timbral.digests import digest_json
from timbral.errors import ContractBroken
from timbral.mood import aligned
from timbral.progress import Silent
from timbral.store.artifacts import Artifacts
from timbral.tables.mood import TRACK_MOOD_PRED
from timbral.tables.vectors import TRACK_VECTOR
from timbral.vectors.artifact import load_manifest
from timbral.vectors.fit import PREFIX, fit_if_needed
from timbral.vectors.run import run

TEXT = {"encoder": "planted", "dimension": DIMENSION}


def mood_row(row):
    return {
        "track_id": row.track_id,
        **row.labels,
        "moods": [],
        "mood_confidence": "high",
        "model": "planted",
        "input_hash": digest_json(row.track_id),
    }


def planted_store(folder, rows, **audio):
    tables, _ = open_store(folder)
    publish(tables, TRACK_MOOD_PRED, [mood_row(row) for row in rows])
    view = [{**view_of(row), **(audio if place % 2 else {})} for place, row in enumerate(rows)]
    pins = pin_store(tables, view, [embedding_row(row.track_id, row.vector) for row in rows])
    return tables, pins, Artifacts(tables.objects, PREFIX, folder / "cache")


def place(tables, pins, artifacts, **policy):
    version = fit_if_needed(tables, pins, artifacts, **TEXT, **policy)
    folder = artifacts.folder(version)
    result = run(tables, pins, Silent(), folder=folder, version=version, encoder="planted")
    return result, tables.read(TRACK_VECTOR, result.snapshots[TRACK_VECTOR.name])


def matrix(rows):
    return np.array(rows.column("vector").to_pylist())


def test_every_track_gets_a_vector_and_alike_tracks_are_near(tmp_path):
    rows = planted_rows(tracks_count=150)

    result, placed = place(*planted_store(tmp_path, rows))

    vectors = matrix(placed)
    moods = np.array([[row.labels[mood] for mood in ("dark", "happy", "sad")] for row in rows])
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    nearest = likeness.argmax(axis=1)
    assert result.computed_count == result.rows_count == 150
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (moods[nearest] == moods).all(axis=1).mean() > 0.8


def test_a_second_run_over_the_same_input_computes_nothing(tmp_path):
    store = planted_store(tmp_path, planted_rows(tracks_count=20))
    first, _ = place(*store)

    second, _ = place(*store)

    assert second.snapshots == first.snapshots
    assert (second.computed_count, second.reused_count) == (0, 20)


def test_two_stores_of_the_same_rows_hold_the_same_bytes(tmp_path, monkeypatch):
    rows = planted_rows(tracks_count=50)
    one, _ = place(*planted_store(tmp_path / "one", rows))
    monkeypatch.setattr(aligned, "BATCH_ROWS", 50)

    two, _ = place(*planted_store(tmp_path / "two", rows))

    assert one.snapshots == two.snapshots


def test_a_providers_audio_stays_out_unless_the_policy_allows_it(tmp_path):
    rows = planted_rows(tracks_count=40)
    quiet = planted_store(tmp_path / "quiet", rows)
    loud = planted_store(tmp_path / "loud", rows, danceability=0.9, energy=0.1, tempo=180.0)

    _, without = place(*quiet)
    _, ignored = place(*loud)
    _, used = place(*loud, with_audio=True)

    assert ignored.equals(without)
    assert not any(ignored.column("has_audio").to_pylist())
    assert used.column("has_audio").to_pylist() == [bool(number % 2) for number in range(40)]


def test_a_track_of_which_nothing_is_known_gets_zeros_not_an_error(tmp_path):
    rows = planted_rows(tracks_count=20)
    tables, _, artifacts = planted_store(tmp_path, rows)
    view = [*[view_of(row) for row in rows], view_row("unknown")]
    pins = pin_store(tables, view, [embedding_row(row.track_id, row.vector) for row in rows])

    _, placed = place(tables, pins, artifacts)

    assert placed.column("track_id").to_pylist()[-1] == "unknown"
    assert not matrix(placed)[-1].any()


def test_the_projection_stays_until_the_catalogue_has_grown_by_half(tmp_path):
    tables, pins, artifacts = planted_store(tmp_path, planted_rows(tracks_count=40))
    first = fit_if_needed(tables, pins, artifacts, **TEXT)

    def grown(count):
        view = [view_of(row) for row in planted_rows(tracks_count=count)]
        return fit_if_needed(tables, pin_store(tables, view), artifacts, **TEXT)

    assert grown(59) == first
    assert grown(60) != first
    assert load_manifest(artifacts.folder(artifacts.current())).tracks_count == 60


def test_an_empty_store_gives_an_empty_table(tmp_path):
    result, placed = place(*planted_store(tmp_path, []))

    assert (result.rows_count, placed.num_rows) == (0, 0)


def test_a_projection_of_another_encoder_is_refused(tmp_path):
    tables, pins, artifacts = planted_store(tmp_path, planted_rows(tracks_count=20))
    version = fit_if_needed(tables, pins, artifacts, **TEXT)

    with pytest.raises(
        ContractBroken, match="fitted for encoder 'planted', the store's texts are of 'other'"
    ):
        run(tables, pins, Silent(), folder=artifacts.folder(version), version=version, encoder="other")
