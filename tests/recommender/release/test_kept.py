"""What an opened release keeps in memory is bounded, and gives the same answers."""

import numpy as np
import pyarrow as pa
import pytest

from timbral.recommender.release import layout, tracks
from timbral.recommender.release.listeners import SHARDS_KEPT, ListenerShards
from timbral.recommender.release.tracks import TrackCards


@pytest.fixture
def table():
    rows = [
        {field.name: blank(field.type, number) for field in layout.TRACKS_SCHEMA} | {"track_id": str(number)}
        for number in range(50)
    ]
    return pa.Table.from_pylist(rows, schema=layout.TRACKS_SCHEMA)


def blank(kind, number):
    if pa.types.is_list(kind):
        return [f"word {number}"]
    return str(number) if pa.types.is_string(kind) else number


def test_cards_come_in_the_order_asked_each_time(table):
    cards = TrackCards(table)
    asked = [3, 1, 3, 49]

    assert [card.row for card in cards.of(asked)] == asked
    assert cards.of(asked) == TrackCards(table).of(asked)
    assert cards.of([1])[0] is cards.of([1])[0]


def test_kept_cards_are_bounded(table, monkeypatch):
    monkeypatch.setattr(tracks, "CARDS_KEPT", 10)
    cards = TrackCards(table)
    for row in range(50):
        assert cards.of([row, 0])[0].track_id == str(row)

    assert len(cards._kept) <= 10


def test_a_listener_is_read_once_and_few_files_are_kept(tmp_path):
    (tmp_path / layout.LISTENERS_FOLDER).mkdir()
    shards_count = 3 * SHARDS_KEPT
    for shard in range(shards_count):
        names = [f"l{n}" for n in range(400) if layout.shard_of(f"l{n}", shards_count) == shard]
        rows = [
            {field.name: blank(field.type, 1) for field in layout.LISTENERS_SCHEMA}
            | {field.name: [1, 2] for field in layout.LISTENERS_SCHEMA if pa.types.is_list(field.type)}
            | {"listener_id": name}
            for name in names
        ]
        held = pa.Table.from_pylist(rows, schema=layout.LISTENERS_SCHEMA)
        with pa.ipc.new_file(str(tmp_path / layout.shard_file(shard)), held.schema) as writer:
            writer.write_table(held)
    read = []

    def path(name):
        read.append(name)
        return tmp_path / name

    shards = ListenerShards(path, shards_count)
    first = shards.profile("l7")
    again = shards.profile("l7")

    assert len(read) == 1
    assert first.listener_id == again.listener_id == "l7"
    assert np.array_equal(first.rows, [1, 2])
    assert shards.profile("nobody") is None
    for number in range(400):
        assert shards.profile(f"l{number}").listener_id == f"l{number}"
    assert shards._shard.cache_info().currsize <= SHARDS_KEPT
