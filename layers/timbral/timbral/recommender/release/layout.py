"""The files of a release and what is in them.

tracks.arrow            one row a track, `TRACKS_SCHEMA`: all that is shown or filtered by, in row order
vectors.npy             (n, 256) float32: track vectors, row by row
factors.npy             (n, n_factors) float32: places in the factor space, predicted where nobody played
item_weights.npy        (n,) float32: how much a play of each track says of a listener
newcomers.npy           (n, n_factors) float32: where a track places listeners of whom little is known
neighbours.npy          (n, k) int32: tracks most played by the same people, -1 where there are fewer
neighbour_shares.npy    (n, k) float32: how much, 0..1
listeners/<shard>.arrow  `LISTENERS_SCHEMA`; a listener's shard is a function of their id
name_gram_*.npy         `timbral.recommender.release.names.NameGrams`: names by groups of three letters
tracks.lance/           row number, texts, vectors and filter columns, with indexes
model.json              `ModelCard`: how the scores are made
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from timbral.digests import digest_text
from timbral.errors import ContractBroken
from timbral.tables.columns import MOODS

if TYPE_CHECKING:
    from pathlib import Path

TRACKS_FILE = "tracks.arrow"
VECTORS_FILE = "vectors.npy"
FACTORS_FILE = "factors.npy"
ITEM_WEIGHTS_FILE = "item_weights.npy"
GRAM_FILE = "gram.npy"
NEWCOMERS_FILE = "newcomers.npy"
NEIGHBOURS_FILE = "neighbours.npy"
NEIGHBOUR_SHARES_FILE = "neighbour_shares.npy"
NAME_GRAM_STARTS_FILE = "name_gram_starts.npy"
NAME_GRAM_ROWS_FILE = "name_gram_rows.npy"
NAME_GRAM_LENGTHS_FILE = "name_gram_lengths.npy"
MODEL_FILE = "model.json"
ALIASES_FILE = "aliases.json"
LISTENERS_FOLDER = "listeners"
LANCE_TABLE = "tracks"
LANCE_FOLDER = f"{LANCE_TABLE}.lance"
LISTENERS_PER_SHARD = 200

TRACKS_SCHEMA = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("artist", pa.string(), nullable=False),
        pa.field("artist_id", pa.string(), nullable=False),
        pa.field("album", pa.string()),
        pa.field("year", pa.int64()),
        pa.field("genres", pa.list_(pa.string()), nullable=False),
        pa.field("tags", pa.list_(pa.string()), nullable=False),
        pa.field("moods", pa.list_(pa.string()), nullable=False),
        *(pa.field(mood, pa.float32(), nullable=False) for mood in MOODS),
        pa.field("energy", pa.float32(), nullable=False),
        pa.field("valence", pa.float32(), nullable=False),
        pa.field("mood_confidence", pa.string(), nullable=False),
        pa.field("popularity", pa.float32(), nullable=False),
        pa.field("spotify_id", pa.string()),
        pa.field("plays_count", pa.int64(), nullable=False),
        pa.field("listeners_count", pa.int64(), nullable=False),
        pa.field("recent_plays_count", pa.int64(), nullable=False),
        pa.field("first_played_uts", pa.int64(), nullable=False),
    ]
)

LISTENERS_SCHEMA = pa.schema(
    [
        pa.field("listener_id", pa.string(), nullable=False),
        pa.field("factors", pa.list_(pa.float32()), nullable=False),
        pa.field("taste_vector", pa.list_(pa.float32()), nullable=False),
        pa.field("rows", pa.list_(pa.int64()), nullable=False),
        pa.field("plays", pa.list_(pa.int64()), nullable=False),
        pa.field("recent_plays", pa.list_(pa.int64()), nullable=False),
        pa.field("last_at_uts", pa.list_(pa.int64()), nullable=False),
        pa.field("hour_counts", pa.list_(pa.int64()), nullable=False),
        pa.field("scrobbles_count", pa.int64(), nullable=False),
        pa.field("newest_at_uts", pa.int64(), nullable=False),
        # Releases of before lack these.
        pa.field("month_plays", pa.list_(pa.int64())),
        pa.field("week_plays", pa.list_(pa.int64())),
        pa.field("verdicts", pa.list_(pa.int64())),
        pa.field("recent_hour_counts", pa.list_(pa.int64())),
        pa.field("month_hour_counts", pa.list_(pa.int64())),
        pa.field("week_hour_counts", pa.list_(pa.int64())),
    ]
)


@dataclass(frozen=True)
class ModelCard:
    """How a release's scores are made.

    Attributes:
        weighting: See `timbral.recommender.models.fold_in.Confidence`.
        confidence: As above, its scale.
        emphasis: As above.
        regularization: Of the factors.
        alpha: Weight of collaborative filtering.
        beta: Weight of likeness.
        gamma: Weight of being little known.
        delta: Weight of co-listening; 0 in releases of before.
        has_newcomers: Whether tracks say where they place newcomers; releases of before don't.
        encoder: Version of the encoder artifact whose vectors the search index holds.
        encoder_dimension: Length of those vectors.
        shards_count: Into how many files the listeners are spread.
        listeners_count: How many listeners there are.
        fragment_rows: The first row of each fragment of the Lance table.
    """

    weighting: str
    confidence: float
    emphasis: float
    regularization: float
    alpha: float
    beta: float
    gamma: float
    encoder: str
    encoder_dimension: int
    shards_count: int
    listeners_count: int
    fragment_rows: tuple[int, ...] = (0,)
    delta: float = 0.0
    has_newcomers: bool = False

    def write(self, folder: Path) -> None:
        """Write the card into a build's folder."""
        (folder / MODEL_FILE).write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS))


def load_model_card(data: bytes) -> ModelCard:
    """Read a card.

    Raises:
        ContractBroken: It is none.
    """
    try:
        found: dict[str, Any] = orjson.loads(data)
        return ModelCard(**{**found, "fragment_rows": tuple(found.get("fragment_rows", (0,)))})
    except (orjson.JSONDecodeError, TypeError) as error:
        msg = f"a release's {MODEL_FILE} can't be read: {error}"
        raise ContractBroken(msg) from error


def load_aliases(data: bytes) -> dict[str, str]:
    """Read which ids stand for which tracks.

    Raises:
        ContractBroken: It is no such document.
    """
    try:
        return {str(alias): str(track_id) for alias, track_id in orjson.loads(data).items()}
    except (orjson.JSONDecodeError, AttributeError) as error:
        msg = f"a release's {ALIASES_FILE} can't be read: {error}"
        raise ContractBroken(msg) from error


def shard_of(listener_id: str, shards_count: int) -> int:
    """Return the number of the file that a listener is in."""
    return int(digest_text(listener_id)[:8], 16) % shards_count


def shard_file(shard: int) -> str:
    """Return the name of a listeners' file."""
    return f"{LISTENERS_FOLDER}/{shard:05}.arrow"
