"""The sample world as files, in the dialects in which people's own exports come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timbral.sample import exports
from timbral.sample.catalogue import load_catalogue
from timbral.sample.catalogue_files import albums_json, moods_csv, tags_csv
from timbral.sample.listeners import Play, simulate_histories
from timbral.sample.spellings import spellings
from timbral.sample.tastes import LISTENERS_COUNT, SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from timbral.sample.catalogue import CatalogueTrack

EVERYBODY_FILE = "everybody.csv"
TAGS_FILE = "catalogue_tags.csv"
ALBUMS_FILE = "catalogue_albums.json"
MOODS_FILE = "catalogue_moods.csv"
# The first listeners bring their own export; a file without a listener column is named after its owner.
_OWN_EXPORTS = (
    (".csv", exports.lastfm_csv),
    (".csv", exports.lastfm_minutes_csv),
    (".json", exports.spotify_json),
    (".jsonl", exports.listenbrainz_jsonl),
)
_RESPELLED_SHARE = 0.06


def write_sample_files(
    folder: Path,
    seed: int = SEED,
    *,
    now_uts: int,
    listeners_count: int = LISTENERS_COUNT,
) -> list[Path]:
    """Write the sample world for the importers to read.

    Histories: ``ada.csv`` and ``bela.csv`` (two Last.fm dialects), ``chiara.json`` (Spotify),
    ``dmitri.jsonl`` (ListenBrainz) and `EVERYBODY_FILE` for all others. Catalogue: `TAGS_FILE`,
    `ALBUMS_FILE` and `MOODS_FILE`. Some plays are spelled as another source would spell them.

    Args:
        folder: Where to; made if it is missing, files of these names are replaced.
        seed: The same seed and time give the same bytes.
        now_uts: The end of the simulated time, in Unix seconds.
        listeners_count: As for `planted_tastes`.

    Returns:
        The files written, histories first.

    Raises:
        InvalidInput: As `planted_tastes`.
        OSError: The folder can't be written.
    """
    catalogue = load_catalogue()
    plays = list(simulate_histories(catalogue, listeners_count, seed, now_uts=now_uts))
    contents = _histories(list(respell(plays, catalogue, seed)), now_uts)
    contents |= {
        TAGS_FILE: tags_csv(catalogue),
        ALBUMS_FILE: albums_json(catalogue),
        MOODS_FILE: moods_csv(catalogue),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in contents]


def respell(plays: Iterable[Play], catalogue: Sequence[CatalogueTrack], seed: int = SEED) -> Iterator[Play]:
    """Spell some plays as another source would, so that identity has work to do.

    Args:
        plays: Plays spelled as the catalogue spells them.
        catalogue: The tracks that they are of.
        seed: The same seed respells the same plays.

    Yields:
        The plays in their order; artist and title are one of `spellings`, or unchanged.
    """
    rng = np.random.default_rng([seed, 4])
    variants = {track.key: spellings(track) for track in catalogue}
    for play in plays:
        choices = variants[play.artist, play.track]
        if not choices or rng.random() >= _RESPELLED_SHARE:
            yield play
        else:
            artist, track = choices[int(rng.integers(len(choices)))]
            yield Play(play.listener, artist, track, play.album, play.uts)


def _histories(plays: Sequence[Play], now_uts: int) -> dict[str, str]:
    by_listener: dict[str, list[Play]] = {}
    for play in plays:
        by_listener.setdefault(play.listener, []).append(play)
    files = {}
    for (suffix, export), listener in zip(_OWN_EXPORTS, list(by_listener), strict=False):
        files[listener + suffix] = export(by_listener.pop(listener), now_uts)
    files[EVERYBODY_FILE] = exports.plain_csv([play for own in by_listener.values() for play in own])
    return files
