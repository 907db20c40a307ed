import json
import subprocess
import sys
from dataclasses import replace

import h5py
import pytest

from tests.mood import published
from timbral.core.normalise import identify, track_id
from timbral.errors import ContractBroken, InvalidInput
from timbral.mood.lexicon import MOOD_OF_TAG
from timbral.mood.training.benchmark import benchmark, choose_protocol
from timbral.mood.training.settings import TrainingSettings
from timbral.mood.training.sources import hdf5
from timbral.mood.training.sources.joining import Labelled
from timbral.mood.training.sources.reading import read_sources
from timbral.progress import Silent

MEASURING = TrainingSettings(train_on_provider_content=True, folds_count=3)


def read(*paths, settings=MEASURING):
    return read_sources(paths, settings, Silent())


def test_the_million_songs_databases_give_named_tracks_with_voted_moods(tmp_path):
    published.write_million_song(tmp_path)

    rows = read(tmp_path).labelled.rows

    assert len(rows) == 240
    assert {row.origin for row in rows} == {"voted"}
    assert len({row.artist_id for row in rows}) == 60
    assert (rows[0].track.decade, rows[0].track.duration_ms) == (1990, 200_500)


def test_the_tags_that_voted_are_not_among_the_inputs(tmp_path):
    published.write_million_song(tmp_path)

    rows = read(tmp_path).labelled.rows

    assert not {tag for row in rows for tag, _ in row.track.tags} & MOOD_OF_TAG.keys()


def test_the_released_text_file_names_tracks_as_the_database_does(tmp_path):
    published.write_million_song(tmp_path / "databases")
    published.write_unique_tracks(tmp_path / "unique_tracks.txt", 240)

    by_database = read(tmp_path / "databases").labelled.rows
    by_text = read(tmp_path / "databases" / "lastfm_tags.db", tmp_path / "unique_tracks.txt").labelled.rows

    assert {row.track_id for row in by_text} == {row.track_id for row in by_database}


def test_the_hdf5_summary_names_tracks_as_the_database_does(tmp_path):
    published.write_million_song(tmp_path / "databases")
    published.write_summary(tmp_path / "msd_summary_file.h5")

    by_database = read(tmp_path / "databases").labelled.rows
    found = read(tmp_path / "databases" / "lastfm_tags.db", tmp_path / "msd_summary_file.h5")

    by_summary = {row.track_id: row.track for row in found.labelled.rows}
    first = track_id(identify("Band 0", "Song 0"))
    assert {row.track_id: row.track for row in by_database if row.track_id != first} == {
        own: track for own, track in by_summary.items() if own != first
    }
    assert (by_summary[first].decade, by_summary[first].popularity) == (None, 0)
    assert "on ete" in by_summary[first].words


def test_a_summary_is_read_a_block_at_a_time_and_only_for_tracks_that_others_know(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5, "_ROWS_AT_ONCE", 7)
    published.write_million_song(tmp_path / "few", tracks_count=60)
    published.write_summary(tmp_path / "msd_summary_file.h5")

    found = read(tmp_path / "few" / "lastfm_tags.db", tmp_path / "msd_summary_file.h5")

    assert len(found.labelled.rows) == 60
    assert found.files[str(tmp_path / "msd_summary_file.h5")]["rows"] == 240


def test_a_summary_without_a_column_is_refused_by_name(tmp_path):
    published.write_million_song(tmp_path)
    published.write_summary(tmp_path / "summary.h5", lacking=("title", "year"))

    with pytest.raises(InvalidInput, match="lacks title in its table 'metadata/songs'"):
        read(tmp_path)


def test_another_hdf5_file_and_a_broken_one_are_named(tmp_path):
    published.write_million_song(tmp_path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["numbers"] = [1, 2]

    assert list(read(tmp_path).skipped) == [str(tmp_path / "other.h5")]

    broken = (tmp_path / "other.h5").read_bytes()[:900]
    (tmp_path / "other.h5").write_bytes(broken)
    with pytest.raises(InvalidInput, match=r"other\.h5 can't be read as HDF5"):
        read(tmp_path)


def test_audio_tables_take_their_artists_tags_and_listeners_from_hetrec(tmp_path):
    published.write_hetrec(tmp_path / "hetrec")
    published.write_audio_features(tmp_path / "features.csv")

    rows = read(tmp_path).labelled.rows

    assert len(rows) == 240
    assert all(row.origin == "provider" and row.track.listening for row in rows)
    assert {tag for tag, _ in rows[0].track.tags} <= {
        tag for mood in published.MOODS for tag in published.style_tags(mood)
    }


def test_a_providers_labels_are_not_learned_from_without_leave(tmp_path):
    published.write_hetrec(tmp_path / "hetrec")
    published.write_audio_features(tmp_path / "features.csv")

    with pytest.raises(InvalidInput, match="train_on_provider_content is false"):
        read(tmp_path, settings=TrainingSettings())


def test_deezers_scores_become_shares(tmp_path):
    published.write_million_song(tmp_path, tracks_count=30, artists_count=30)
    published.write_deezer(tmp_path / "deezer_train.csv")

    labelled = read(tmp_path).labelled

    assert {row.labels["energy"] for row in labelled.rows} == {0.25}
    assert {row.labels["valence"] for row in labelled.rows} == {0.6}
    assert set(labelled.parts.values()) == {"train"}


def test_genres_of_albums_are_known_of_the_artists_tracks(tmp_path):
    published.write_million_song(tmp_path)
    albums = ["id,title,artist,release_date,genres,user_score,rating_count,album_link"]
    albums += [
        '1,Album,Band 0,"March 15, 2015","Dream Pop, Art Rock",95,"28 ratings",https://example.org/album/1-a.php'
    ]
    (tmp_path / "albums.csv").write_text("\n".join(albums) + "\n")

    rows = read(tmp_path).labelled.rows

    assert {row.track.genres for row in rows} == {(), ("art rock", "dream pop")}
    assert {row.track.scores for row in rows} == {(), (None, 95.0)}


def test_a_tracks_own_release_speaks_before_its_artists_other_albums(tmp_path):
    published.write_million_song(tmp_path)
    albums = ["artist,title,genres,user_score"]
    albums += ["Band 0,Ete at home,Ambient,60", "Band 0,Another,Death Metal,90", "Band 1,Another,Ska,80"]
    (tmp_path / "albums.csv").write_text("\n".join(albums) + "\n")

    rows = read(tmp_path).labelled.rows

    assert {(row.track.genres, row.track.scores) for row in rows} == {
        ((), ()),
        (("ambient",), (None, 60.0)),
        (("ska",), (None, 80.0)),
    }


def test_jamendos_division_is_used_and_every_theme_stays_out(tmp_path):
    published.write_jamendo(tmp_path)

    labelled = read(tmp_path).labelled
    found = benchmark(labelled, MEASURING, choose_protocol(labelled, None), 0, Silent())

    figures = found["levels"]["tags"]["moods"]["micro_f1"]
    assert found["protocol"] == "split"
    assert figures["model"]["micro_f1"] > 0.95 > figures["constant"]["micro_f1"] + 0.3
    assert not any(tag in {"party", "calm", "love"} for row in labelled.rows for tag, _ in row.track.tags)


def test_an_artist_in_both_parts_of_a_division_is_refused(tmp_path):
    published.write_jamendo(tmp_path)
    labelled = read(tmp_path).labelled
    one = labelled.rows[0].artist_id
    leaking = Labelled(
        tuple(replace(row, artist_id=one) if n % 9 == 0 else row for n, row in enumerate(labelled.rows)),
        labelled.parts,
    )

    assert choose_protocol(leaking, None) == "folds"
    with pytest.raises(ContractBroken, match="lies in folds 0 and 1"):
        benchmark(leaking, MEASURING, "split", 0, Silent())


def test_a_file_of_no_use_is_named_with_its_reason(tmp_path):
    published.write_million_song(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing here\n")

    found = read(tmp_path)

    assert found.skipped == {str(tmp_path / "notes.txt"): "is of no layout that moods are learned from"}


@pytest.mark.slow
def test_the_command_writes_one_object_with_every_level_beside_its_baselines(tmp_path):
    published.write_hetrec(tmp_path / "files" / "hetrec", 40)
    published.write_million_song(tmp_path / "files", artists_count=40)
    published.write_audio_features(tmp_path / "files" / "features.csv", artists_count=40)
    command = [sys.executable, "-m", "timbral", "--store", str(tmp_path / "store"), "mood", "evaluate"]

    said = subprocess.run(
        [*command, str(tmp_path / "files"), "--json"], check=True, capture_output=True, text=True
    )

    document = json.loads(said.stdout)
    assert document["protocol"] == "folds"
    assert set(document["levels"]) == {"tags", "tags and listening", "audio-assisted"}
    energy = document["levels"]["tags"]["energy"]
    for level in ("track", "artist_mean"):
        model, mean = energy[level]["model"], energy[level]["mean"]
        assert model["rmse"] < 0.1 < mean["rmse"]
        assert model["interval"][0] <= model["rmse"] <= model["interval"][1]
    assert not (tmp_path / "store" / "mood").exists()
