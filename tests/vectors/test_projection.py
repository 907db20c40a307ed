import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timbral.digests import digest_file
from timbral.errors import ContractBroken
from timbral.vectors.artifact import ProjectionManifest, load_projection, save_projection
from timbral.vectors.blocks import WEIGHTS, Blocks, learn_scale
from timbral.vectors.fit import reason_to_fit
from timbral.vectors.projection import fit_projection

TEXT, MOOD, AUDIO = 48, 8, 9


def planted_blocks(count=400, groups=8, seed=0, *, audio=True):
    """Tracks in groups that share text and mood; audio is noise in wild units."""
    rng = np.random.default_rng(seed)
    group = np.arange(count) % groups
    text = rng.normal(size=(groups, TEXT))[group] + rng.normal(0, 0.7, (count, TEXT))
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    mood = np.clip(rng.random((groups, MOOD))[group] + rng.normal(0, 0.05, (count, MOOD)), 0, 1)
    sound = rng.normal(0, 1, (count, AUDIO if audio else 0)) * 50
    return Blocks(text.astype(np.float32), mood.astype(np.float32), sound.astype(np.float32)), group


def neighbours_in_group(vectors, group, count=10):
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :count]
    return float((group[nearest] == group[:, np.newaxis]).mean())


def test_tracks_of_a_planted_group_are_neighbours_though_audio_is_loud_noise():
    blocks, group = planted_blocks()

    vectors = fit_projection(blocks, 256, 400).project(blocks, 256)

    naive = np.hstack([blocks.text, blocks.mood, blocks.audio])
    naive -= naive.mean(axis=0)
    naive /= np.linalg.norm(naive, axis=1, keepdims=True)
    assert neighbours_in_group(vectors, group) > 0.95
    assert neighbours_in_group(vectors, group) > neighbours_in_group(naive, group) + 0.5


def test_vectors_have_length_one_and_missing_dimensions_are_zeros():
    blocks, _ = planted_blocks(count=30)

    vectors = fit_projection(blocks, 256, 30).project(blocks, 256)

    assert vectors.dtype == np.float32
    assert vectors.shape == (30, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert not vectors[:, 30:].any()


def test_a_track_without_audio_lies_where_the_mean_audio_would_put_it():
    blocks, _ = planted_blocks()
    projection = fit_projection(blocks, 256, 400)
    mean = projection.scales["audio"].mean.astype(np.float32)[np.newaxis]
    one = blocks.slice(0, 1)

    without = projection.project(Blocks(one.text, one.mood, np.full((1, AUDIO), np.nan, np.float32)), 256)
    at_mean = projection.project(Blocks(one.text, one.mood, mean), 256)

    assert np.allclose(without, at_mean, atol=1e-5)
    assert not Blocks(one.text, one.mood, np.full((1, AUDIO), np.nan, np.float32)).has_audio.any()


def test_a_track_of_which_nothing_is_known_is_like_nothing():
    blocks, _ = planted_blocks(audio=False)
    nothing = Blocks(
        np.zeros((1, TEXT), np.float32), np.full((1, MOOD), np.nan, np.float32), np.zeros((1, 0), np.float32)
    )
    projection = fit_projection(blocks, 256, 400)

    vector = projection.project(nothing, 256)

    assert not vector.any()


def test_no_row_of_a_block_weighs_more_than_its_weight():
    blocks, _ = planted_blocks()

    for name, block in blocks.named().items():
        scaled = learn_scale(name, block).apply(block)
        assert np.linalg.norm(scaled, axis=1).max() <= WEIGHTS[name] + 1e-9


def test_a_row_near_the_mean_is_not_blown_up():
    blocks, _ = planted_blocks()
    scale = learn_scale("mood", blocks.mood)
    near = (scale.mean + 1e-3 * scale.spread).astype(np.float32)[np.newaxis]

    assert np.linalg.norm(scale.apply(near)) < 0.01


def test_components_point_where_their_largest_weight_is_positive():
    components = fit_projection(planted_blocks()[0], 256, 400).components

    largest = np.abs(components).argmax(axis=0)
    assert (components[largest, np.arange(components.shape[1])] > 0).all()


@settings(max_examples=20)
@given(st.integers(1, 400))
def test_a_track_is_placed_the_same_whatever_is_beside_it(count):
    blocks, _ = planted_blocks()
    projection = fit_projection(blocks, 64, 400)

    assert np.array_equal(
        projection.project(blocks.slice(0, count), 64), projection.project(blocks, 64)[:count]
    )


def test_the_number_of_threads_does_not_show():
    code = (
        "from tests.vectors.test_projection import planted_blocks\n"
        "from timbral.vectors.projection import fit_projection\n"
        "import hashlib, numpy as np\n"
        "from tests.vectors import test_projection\n"
        "test_projection.TEXT = 384\n"
        "blocks, _ = planted_blocks(count=3000)\n"
        "found = fit_projection(blocks, 64, 5000)\n"
        "print(hashlib.sha256(found.project(blocks, 64).tobytes()).hexdigest())\n"
    )

    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": "."},
        ).stdout
        for threads in ("1", "2")
    ]

    assert said[0] == said[1]


def test_blocks_of_another_width_are_refused():
    blocks, _ = planted_blocks()
    projection = fit_projection(blocks, 64, 400)

    with pytest.raises(ContractBroken, match="audio block has 0 columns, the projection was fitted on 9"):
        projection.project(planted_blocks(audio=False)[0], 64)


def test_text_that_is_not_a_number_is_refused():
    blocks, _ = planted_blocks()
    projection = fit_projection(blocks, 64, 400)
    blocks.text[3, 4] = np.nan

    with pytest.raises(ContractBroken, match="text block holds a value that is not a finite number"):
        projection.project(blocks, 64)


def test_a_saved_projection_places_tracks_as_before(tmp_path):
    blocks, _ = planted_blocks()
    projection = fit_projection(blocks, 256, 400)

    for name in ("one", "two"):
        save_projection(tmp_path / name, projection, encoder="e", with_audio=True)

    loaded = load_projection(tmp_path / "one")
    assert np.array_equal(loaded.project(blocks, 256), projection.project(blocks, 256))
    assert [digest_file(path) for path in sorted((tmp_path / "one").iterdir())] == [
        digest_file(path) for path in sorted((tmp_path / "two").iterdir())
    ]


@pytest.mark.parametrize("name", ["components.npy", "text_mean.npy"])
def test_a_damaged_projection_is_refused_by_the_name_of_the_file(tmp_path, name):
    save_projection(tmp_path, fit_projection(planted_blocks()[0], 64, 400), encoder="e", with_audio=True)
    (tmp_path / name).unlink()

    with pytest.raises(ContractBroken, match=f"{name} .*missing"):
        load_projection(tmp_path)


def test_a_manifest_that_breaks_its_declaration_is_refused(tmp_path):
    save_projection(tmp_path, fit_projection(planted_blocks()[0], 64, 400), encoder="e", with_audio=True)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "tracks_count": -1}))

    with pytest.raises(ContractBroken, match="tracks_count"):
        load_projection(tmp_path)


FITTED = ProjectionManifest(
    encoder="e", with_audio=False, tracks_count=1000, lengths={}, weights=dict(WEIGHTS), files={}
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"tracks_count": 1499}, None),
        ({"tracks_count": 1500}, "grew from 1000 to 1500"),
        ({"encoder": "f"}, "the encoder changed"),
        ({"with_audio": True}, "policy"),
        ({"current": None}, "there is no projection"),
    ],
)
def test_the_projection_is_fitted_again_only_when_it_must_be(change, reason):
    found = reason_to_fit(
        **{"current": FITTED, "encoder": "e", "with_audio": False, "tracks_count": 1000, **change}
    )

    assert (reason in found) if reason else found is None
