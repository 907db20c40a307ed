"""How fast kept answers of Last.fm become rows, beside the bare work over the same bytes."""

import random
import time

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.providers.fake_lastfm import FakeLastfm, history
from timbral.raw.answers.envelope import Asked, keep_answer, read_answer
from timbral.raw.answers.lastfm_plays import WINDOW
from timbral.raw.answers.loading import load_answer
from timbral.store.obstore_objects import open_objects
from timbral.store.tables import Tables

PAGES, ROWS = 20, 200


def window(objects):
    """Keep a window of full pages and return its key and theirs."""
    fake = FakeLastfm(history(random.Random(1), PAGES * ROWS))
    fake.is_playing_now = False
    keys = []
    for number in range(PAGES, 0, -1):
        params = {"from": "0", "to": str(1 << 40), "limit": str(ROWS), "page": str(number)}
        body = fake.recent(params, None).body
        keys.append(
            keep_answer(objects, Asked("lastfm", "user.getRecentTracks", 1_700_000_000, "ada", params), body)
        )
    value = {"from_uts": 1_009_843_200, "to_uts": 2_000_000_000, "pages": keys, "before": []}
    asked = Asked("lastfm", WINDOW, 1_700_000_000, "ada")
    return keep_answer(objects, asked, orjson.dumps(value)), keys


def bare(objects, keys, path):
    """Parse JSON and write Parquet, nothing else."""
    rows = []
    for key in keys:
        for track in orjson.loads(objects.get(key))["answer"]["recenttracks"]["track"]:
            rows.append(  # noqa: PERF401  the plainest loop
                {
                    "scrobbled_at_uts": int(track["date"]["uts"]),
                    "artist": track["artist"]["#text"],
                    "track": track["name"],
                    "album": track["album"]["#text"],
                    "artist_mbid": track["artist"]["mbid"],
                    "album_mbid": track["album"]["mbid"],
                    "track_mbid": track["mbid"],
                }
            )
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")


@pytest.mark.slow
def test_answers_become_rows_at_half_the_bare_rate_or_better(tmp_path):
    tables = Tables(open_objects(str(tmp_path / "store")), tmp_path / "scratch")
    key, keys = window(tables.objects)
    ours, theirs = [], []
    for _ in range(9):
        for seconds, work in (
            (ours, lambda: load_answer(tables, key)),
            (theirs, lambda: bare(tables.objects, keys, tmp_path / "bare.parquet")),
        ):
            begun_s = time.process_time()
            work()
            seconds.append(time.process_time() - begun_s)
    own_rate, bare_rate = (PAGES * ROWS / min(seconds) for seconds in (ours, theirs))
    print(f"{own_rate:,.0f} scrobbles/s of CPU, {own_rate / bare_rate:.2f} of the bare {bare_rate:,.0f}")  # noqa: T201  a figure

    assert read_answer(tables.objects, key).asked.kind == WINDOW
    assert own_rate >= bare_rate / 2
