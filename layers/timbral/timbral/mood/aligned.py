"""Tables that share ``track_id``, read side by side in batches of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from timbral.mood.sparse import Floats
    from timbral.store.snapshots import Snapshot
    from timbral.store.tables import Tables
    from timbral.tables.declaration import Table

BATCH_ROWS = 25_000


def read_aligned(
    tables: Tables,
    main: tuple[Table, Snapshot, Sequence[str]],
    sides: Mapping[str, tuple[Table, Snapshot, Sequence[str]]],
) -> Iterator[pa.Table]:
    """Yield a table's rows in order of ``track_id``, with what other tables say of the same tracks.

    Args:
        tables: The store.
        main: The table whose every row is wanted, its snapshot and columns, ``track_id`` first.
        sides: The same for the others, by a prefix that their columns get (``text`` gives ``text_vector``);
            their columns are null where they don't have the track.

    Yields:
        At most `BATCH_ROWS` rows at a time.
    """
    _, snapshot, columns = main
    views = {name: (side, at) for name, (side, at, _) in sides.items()}
    query = _query(columns, {name: wanted for name, (_, _, wanted) in sides.items()})
    with tables.engine(views) as engine:
        for path in tables.paths(snapshot):
            with pq.ParquetFile(path) as part:
                for batch in part.iter_batches(BATCH_ROWS, columns=list(columns)):
                    yield _joined(engine, query, batch, len(sides))


def _joined(
    engine: duckdb.DuckDBPyConnection, query: str, batch: pa.RecordBatch, sides_count: int
) -> pa.Table:
    ids = batch.column("track_id")
    bounds = [ids[0].as_py(), ids[-1].as_py()]
    engine.register("batch", batch)
    found = engine.sql(query, params=bounds * sides_count).to_arrow_table()
    engine.unregister("batch")
    return found


def _query(columns: Sequence[str], sides: Mapping[str, Sequence[str]]) -> str:
    shown = [f"batch.{column}" for column in columns]
    shown += [f"{side}.{column} AS {side}_{column}" for side, wanted in sides.items() for column in wanted]
    joins = "".join(
        f" LEFT JOIN (SELECT * FROM {side} WHERE track_id BETWEEN ? AND ?) {side} USING (track_id)"  # noqa: S608  names of the code's own
        for side in sides
    )
    return f"SELECT {', '.join(shown)} FROM batch{joins} ORDER BY batch.track_id"  # noqa: S608  declared names


def vectors_of(column: pa.ChunkedArray, dimension: int) -> Floats:
    """Put a column of vectors into ``(n_rows, dimension)``, zeros where there is none or of another length.

    Args:
        column: A list column, null where there is no vector.
        dimension: The length that is wanted.
    """
    out = np.zeros((len(column), dimension), dtype=np.float32)
    start = 0
    for chunk in column.chunks if dimension else ():
        lengths = np.asarray(chunk.value_lengths().fill_null(0))
        places = start + np.flatnonzero(lengths == dimension)
        start += len(chunk)
        if len(places) and (lengths[lengths != dimension] == 0).all():
            flat: Any = np.asarray(chunk.drop_null().flatten(), dtype=np.float32)
            out[places] = flat.reshape(-1, dimension)
    return out
