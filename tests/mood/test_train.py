import json

import pytest

from tests.mood.conftest import QUICK
from tests.mood.planted import planted_rows
from tests.mood.stores import PlantedEncoder, labelled_store, open_store, view_row
from timbral.mood import train
from timbral.mood.artifact import MoodManifest, load_manifest
from timbral.mood.drift import REST, tag_distribution, total_variation
from timbral.mood.lexicon import MOOD_OF_TAG, voted_moods
from timbral.mood.train import reason_to_train, train_if_needed
from timbral.mood.training import gather
from timbral.mood.training.gather import store_examples
from timbral.mood.training.leaks import refuse_voting_inputs
from timbral.mood.training.sample import sample_examples
from timbral.mood.training.settings import TrainingSettings
from timbral.progress import Silent
from timbral.tables.columns import MOODS
from timbral.tags.normalise import normalise_tag

MANIFEST = MoodManifest(
    encoder="e",
    text_dimension=0,
    inputs=(),
    labels="l",
    examples_counts={},
    tag_shares={"rock": 0.5, "pop": 0.5},
    files={},
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"tag_shares": {"rock": 0.54, "pop": 0.46}}, None),
        ({"tag_shares": {"rock": 0.56, "pop": 0.44}}, "the tags drifted by 0.060"),
        ({"labels": "m"}, "the labels changed"),
        ({"encoder": "f"}, "the encoder changed"),
        ({"current": None}, "there is no model that can be read"),
    ],
)
def test_a_model_is_made_only_when_it_must_be(change, reason):
    given = {"current": MANIFEST, "labels": "l", "encoder": "e", "tag_shares": MANIFEST.tag_shares}

    assert reason_to_train(**{**given, **change}) == reason


def test_drift_is_the_weight_that_would_have_to_move():
    assert total_variation({"a": 0.7, "b": 0.3}, {"a": 0.4, "c": 0.6}) == pytest.approx(0.6)
    assert total_variation({}, {}) == 0
    assert total_variation({}, {"a": 1.0}) == 1


def test_the_tail_of_a_tag_distribution_is_kept_as_one():
    shares = tag_distribution({f"tag {number:03}": 1.0 for number in range(1_000)})

    assert len(shares) == 501
    assert shares[REST] == pytest.approx(0.5)


def test_three_mood_tags_vote_and_two_do_not():
    assert voted_moods([("sad", 0.3), ("melancholy", 0.3), ("rock", 0.4)]) is None
    votes = voted_moods([("sad", 0.3), ("melancholy", 0.3), ("happy", 0.1), ("rock", 0.3)])
    assert votes == {mood: mood == "sad" for mood in MOODS}


def test_mood_tags_are_spelled_as_the_store_spells_tags():
    lost = {tag for tag in MOOD_OF_TAG if MOOD_OF_TAG.get(normalise_tag(tag) or "") != MOOD_OF_TAG[tag]}

    assert not lost


def test_a_store_without_labels_learns_from_the_sample(tmp_path):
    tables, _ = open_store(tmp_path)
    pins = labelled_store(tables, [])

    found = store_examples(tables, pins, QUICK, 0)

    assert found == []
    sample = sample_examples(None, set())
    assert len(sample) > 300
    assert all(len(row.labels) == 8 for row in sample)


def test_the_sample_leaves_out_what_the_store_has_judged():
    everything = sample_examples(None, set())

    rest = sample_examples(None, {everything[0].track_id})

    assert [row.track_id for row in rest] == [row.track_id for row in everything[1:]]


def test_labels_reach_their_tracks_through_matches(tmp_path):
    rows = planted_rows(tracks_count=30)
    tables, _ = open_store(tmp_path)
    pins = labelled_store(tables, rows)

    found = {row.track_id: row for row in store_examples(tables, pins, QUICK, 16)}

    assert set(found) == {row.track_id for row in rows}
    for row in rows:
        assert found[row.track_id].labels == pytest.approx(row.labels)
        assert found[row.track_id].artist_id == row.artist_id
        assert found[row.track_id].vector == pytest.approx(row.vector)


def test_voted_rows_lose_the_tags_and_the_text_that_voted(tmp_path):
    tables, _ = open_store(tmp_path)
    tags = ["sad", "rock", "melancholy", "lonely", "happy"]
    labelled_store(tables, [])
    pins = _with_view(tables, [view_row("t", tags=tags, tag_shares=[0.2] * 5, genres=["sad", "folk"])])

    [row] = store_examples(tables, pins, QUICK, 0)

    refuse_voting_inputs([row])
    assert (row.origin, dict(row.track.tags), row.track.genres) == (
        "voted",
        {"rock": pytest.approx(0.2)},
        ("folk",),
    )
    assert row.labels == {mood: float(mood in {"sad", "happy"}) for mood in MOODS}


def test_a_providers_audio_features_are_labels_only_with_leave(tmp_path):
    tables, _ = open_store(tmp_path)
    pins = _with_view(tables, [view_row("t", energy=0.25, valence=0.75, danceability=0.1)])

    refused = store_examples(tables, pins, QUICK, 0)
    [allowed] = store_examples(tables, pins, TrainingSettings(train_on_provider_content=True), 0)

    assert refused == []
    assert (allowed.origin, allowed.labels, allowed.track.audio) == (
        "provider",
        {"energy": 0.25, "valence": 0.75},
        (),
    )


def _with_view(tables, view):
    from tests.mood.stores import pin_store

    return pin_store(tables, view)


@pytest.fixture
def only_store(monkeypatch):
    """Learn from the store's labels alone: quicker than with the sample."""
    monkeypatch.setattr(train, "sample_examples", lambda *_: [])


@pytest.mark.usefixtures("only_store")
def test_a_model_is_made_once_and_again_when_labels_change(tmp_path):
    tables, artifacts = open_store(tmp_path)
    pins = labelled_store(tables)
    encoder = PlantedEncoder()

    first = train_if_needed(tables, pins, artifacts, Silent(), encoder=encoder, settings=QUICK)
    again = train_if_needed(tables, pins, artifacts, Silent(), encoder=encoder, settings=QUICK)
    forced = train_if_needed(tables, pins, artifacts, Silent(), encoder=encoder, settings=QUICK, force=True)
    more = labelled_store(tables, planted_rows(tracks_count=220))
    changed = train_if_needed(tables, more, artifacts, Silent(), encoder=encoder, settings=QUICK)

    assert first == again == forced != changed
    assert artifacts.current() == changed
    manifest = load_manifest(artifacts.folder(changed))
    assert manifest.examples_counts == {"judged": 220}
    assert manifest.encoder == "planted"


@pytest.mark.usefixtures("only_store")
def test_a_model_that_this_version_cannot_read_is_made_anew(tmp_path):
    tables, artifacts = open_store(tmp_path)
    pins = labelled_store(tables)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "manifest.json").write_text('{"format": 1}')
    old = artifacts.publish(tmp_path / "old")

    version = train_if_needed(tables, pins, artifacts, Silent(), settings=QUICK)

    assert version == artifacts.current() != old
    assert load_manifest(artifacts.folder(version)).format == 4


@pytest.mark.usefixtures("only_store")
def test_an_unchanged_store_is_not_read_again(tmp_path, monkeypatch):
    tables, artifacts = open_store(tmp_path)
    pins = labelled_store(tables)
    version = train_if_needed(tables, pins, artifacts, Silent(), settings=QUICK)
    monkeypatch.setattr(train, "store_examples", lambda *_: pytest.fail("the store was read"))

    assert train_if_needed(tables, pins, artifacts, Silent(), settings=QUICK) == version


@pytest.mark.slow
def test_the_sample_catalogue_makes_a_model_that_beats_its_baselines(tmp_path):
    tables, artifacts = open_store(tmp_path)
    pins = labelled_store(tables, [])

    version = train_if_needed(tables, pins, artifacts, Silent())

    metrics = json.loads((artifacts.folder(version) / "metrics.json").read_bytes())
    for found in metrics["regressions"].values():
        assert found["model_rmse"] < 0.75 * found["mean_rmse"]
    assert metrics["moods"]["model_micro_f1"] >= 0.62 > metrics["moods"]["constant_micro_f1"]


def test_reading_labels_asks_for_every_table_that_it_names():
    assert {table.name for table in gather.READS} == {
        "track_feature_view",
        "track_text_embedding",
        "mood_labels_raw",
        "track_matches",
    }
