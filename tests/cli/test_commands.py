"""The command line as a person and as a pipe use it."""

import os
import stat
import sys

import orjson
import pytest

from tests.embeddings.tiny_models import write_source
from tests.world import make_world, write_world
from timbral import cli
from timbral.store.obstore_objects import open_objects
from timbral.store.releases import POINTER


@pytest.fixture(scope="module")
def world():
    return make_world(listeners_count=40, tracks_count=200)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    source = tmp_path_factory.mktemp("model")
    write_source(source, "bert")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIMBRAL_ENCODER", str(source))
        patch.setenv("TIMBRAL_ALS_FACTORS_COUNT", "16")
        yield


def invoke(monkeypatch, capsys, *arguments):
    """Run a command; return its exit status, its JSON lines and what it said on standard error."""
    monkeypatch.setattr(sys, "argv", ["timbral", *map(str, arguments)])
    status = 0
    try:
        cli.main()
    except SystemExit as stop:
        status = stop.code or 0
    out, error = capsys.readouterr()
    return status, [orjson.loads(line) for line in out.splitlines() if line.startswith("{")], error


@pytest.fixture
def run(monkeypatch, capsys):
    return lambda *arguments: invoke(monkeypatch, capsys, *arguments)


@pytest.fixture(scope="module")
def store(tmp_path_factory, world, environment):  # noqa: ARG001  the commands read it
    folder = tmp_path_factory.mktemp("files")
    store = tmp_path_factory.mktemp("cli") / "store"
    write_world(world, folder)
    with pytest.MonkeyPatch.context() as patch:
        for arguments in (["import", str(folder)], ["run"]):
            patch.setattr(sys, "argv", ["timbral", "--store", str(store), *arguments])
            with pytest.raises(SystemExit) as stop:
                cli.main()
            assert not stop.value.code
    return store


def test_recs_give_tracks_with_their_reasons(run, store, world):
    status, rows, _ = run("--store", store, "recs", world.listeners[0], "--limit", 3)

    assert status == 0
    assert {row["carousel"] for row in rows} >= {"for_you", "genre_mixes", "mood_mixes"}
    told = {"title", "artist", "album", "year", "genres", "tags", "moods", "links", "score", "why"}
    assert all(told <= row.keys() for row in rows)
    assert all(row["why"] and row["title"] and row["artist"] and row["links"]["lastfm"] for row in rows)
    assert len({row["track_id"] for row in rows}) == len(rows)


def test_similar_takes_an_id_or_a_name(run, store, world):
    title, artist = str(world.titles[3]), str(world.artists[3])
    _, found, _ = run("--store", store, "search", f"{title} {artist}", "--limit", 1)
    _, by_name, _ = run("--store", store, "similar", f"{title} {artist}")
    _, by_id, _ = run("--store", store, "similar", found[0]["track_id"])

    assert found[0]["artist"] == artist
    assert by_name == by_id
    assert len(by_id) == 10


def test_evaluate_gives_one_object(run, store):
    status, documents, _ = run("--store", store, "evaluate", "--protocol", "holdout", "--json")

    assert status == 0
    assert len(documents) == 1
    assert set(documents[0]["models"]) >= {"popularity", "item-knn-cosine", "ease", "als", "fused"}
    assert documents[0]["protocol"] == "holdout"
    assert documents[0]["models"]["fused"]["ndcg@10"] > documents[0]["models"]["popularity"]["ndcg@10"]


@pytest.mark.usefixtures("environment")
def test_evaluate_reads_a_file_without_a_store(run, tmp_path, world):
    plays, _ = write_world(world, tmp_path)
    picture = tmp_path / "table.png"
    status, documents, _ = run(
        "--store",
        tmp_path / "none",
        "evaluate",
        plays,
        "--protocol",
        "strong",
        "--picture",
        picture,
        "--seed",
        3,
    )

    assert status == 0
    assert documents[0]["seed"] == 3
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_releases_are_listed(run, store):
    _, rows, _ = run("--store", store, "releases")

    assert [row["served"] for row in rows] == [True]
    assert rows[0]["ndcg@10"] > 0


def test_going_back_from_the_only_release_is_refused_in_one_sentence(run, store):
    status, rows, error = run("--store", store, "releases", "rollback")

    assert (status, rows) == (2, [])
    assert error.startswith("timbral: there is no release before")
    assert error.count("\n") == 1


def test_tables_are_described(run, store):
    _, summary, _ = run("--store", store, "tables")
    _, columns, _ = run("--store", store, "tables", "tracks_core")

    assert next(row for row in summary if row["table"] == "tracks_core")["rows"] == 200
    assert columns[0]["column"] == "track_id"
    assert all(row["meaning"] for row in columns)


@pytest.mark.usefixtures("environment")
def test_set_aside_rows_are_shown_with_their_reason(run, tmp_path):
    (tmp_path / "log.csv").write_text(
        "listener,artist,track,uts\nada,Low,Words,noon\nada,Low,Lullaby,1500000000\n"
    )
    store = tmp_path / "store"
    _, imported, _ = run("--store", store, "import", tmp_path / "log.csv")
    _, counts, _ = run("--store", store, "quarantine")
    _, rows, _ = run("--store", store, "quarantine", counts[0]["table"])

    assert imported[0]["rows_kept"] == {"user_scrobbles_raw": 1}
    assert counts[0]["rows"] == 1
    assert "log.csv:2" in rows[0]["where"]
    assert "noon" in rows[0]["value"]


def test_a_person_at_a_terminal_sees_tables(store, monkeypatch, capsys):
    monkeypatch.setattr("timbral.cli.application.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    status, rows, _ = invoke(monkeypatch, capsys, "--store", store, "releases")

    assert (status, rows) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["recs", "ada"], "no release is served yet"),
        (["import", "nothing-here.csv"], "nothing-here.csv"),
        (["evaluate", "nothing-here.csv"], "nothing-here.csv"),
        (["evaluate", "--protocol", "random"], "--protocol 'random' is none of holdout, strong, time"),
        (["evaluate"], "was never published"),
        (["releases", "delete"], "'timbral releases delete' is not one of"),
        (["search", " "], "blank"),
        (["search", "x", "--mood", "angry"], "--mood 'angry' is none of upbeat"),
        (["tables", "nope"], "there is no table 'nope'"),
        (["serve", "--host", "0.0.0.0"], "not a loopback address"),  # noqa: S104  that it is refused is the test
    ],
)
def test_a_failure_is_one_sentence_and_exit_status_2(run, tmp_path, arguments, sentence):
    status, rows, error = run("--store", tmp_path / "store", *arguments)
    said = [line for line in error.splitlines() if not line.startswith("{")]

    assert (status, rows) == (2, [])
    assert len(said) == 1
    assert said[0].startswith("timbral: ")
    assert sentence in said[0]


@pytest.mark.usefixtures("environment")
def test_an_empty_store_runs_to_a_clear_end(run, tmp_path):
    status, _, error = run("--store", tmp_path / "store", "run")

    assert status == 2
    assert "nothing has been imported" in error


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIMBRAL_THREADS_COUNT", "many"),
        ("TIMBRAL_ENGINE_MEMORY_MB", "1"),
        ("TIMBRAL_S3_ENDPOINT", "ftp://x"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(run, tmp_path, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    status, _, error = run("--store", tmp_path / "store", "tables")

    assert status == 2
    assert f"{variable} is {value!r}" in error


def test_a_store_of_another_version_is_refused(run, tmp_path):
    (tmp_path / "timbral.json").write_text('{"format": 7}')
    status, _, error = run("--store", tmp_path, "tables")

    assert status == 2
    assert "has format 7" in error


def test_a_store_that_is_a_file_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("x")
    status, _, error = run("--store", tmp_path / "file", "tables")

    assert status == 2
    assert "must be a folder" in error


@pytest.mark.usefixtures("environment")
def test_a_damaged_pointer_is_one_clear_error(run, tmp_path):
    store = tmp_path / "store"
    open_objects(str(store)).put(POINTER, b"half a poin")
    status, _, error = run("--store", store, "recs", "ada")

    assert status == 2
    assert POINTER in error


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_error(run, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(stat.S_IRUSR | stat.S_IXUSR)
    status, _, error = run("--store", store, "tables")

    assert status == 2
    assert "timbral.json" in error
