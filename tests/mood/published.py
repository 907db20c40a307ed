"""Small files in the layouts that researchers publish, about a planted world; every name is made up."""

import csv
import sqlite3

import h5py
import numpy as np

STYLES = {
    "upbeat": "jump",
    "chill": "drift",
    "dark": "crypt",
    "happy": "sunup",
    "sad": "ebb",
    "romantic": "rose",
}
MOOD_TAGS = {
    "upbeat": ("party", "dance", "energetic"),
    "chill": ("chill", "mellow", "calm"),
    "dark": ("dark", "haunting", "gloomy"),
    "happy": ("happy", "fun", "cheerful"),
    "sad": ("sad", "melancholy", "lonely"),
    "romantic": ("romantic", "love", "tender"),
}
ENERGY = {"upbeat": 0.9, "chill": 0.2, "dark": 0.6, "happy": 0.7, "sad": 0.3, "romantic": 0.4}
MOODS = tuple(STYLES)
_SONGS = """
CREATE TABLE songs (track_id text PRIMARY KEY, title text, song_id text, release text, artist_id text,
    artist_mbid text, artist_name text, duration real, artist_familiarity real, artist_hotttnesss real,
    year int, track_7digitalid int, shs_perf int, shs_work int);
"""
_TAGS = """
CREATE TABLE tags (tag TEXT);
CREATE TABLE tids (tid TEXT);
CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT, FOREIGN KEY(tag) REFERENCES tags(ROWID),
    FOREIGN KEY(tid) REFERENCES tids(ROWID));
"""

_TEXT, _ID = "S1024", "S32"
_HDF5 = {
    "analysis": [
        ("analysis_sample_rate", "i4"),
        ("audio_md5", _ID),
        *((name, "f8") for name in ("danceability", "duration", "end_of_fade_in", "energy")),
        *((f"idx_{name}", "i4") for name in ("bars_confidence", "bars_start", "beats_confidence")),
        *((f"idx_{name}", "i4") for name in ("beats_start", "sections_confidence", "sections_start")),
        *((f"idx_segments_{name}", "i4") for name in ("confidence", "loudness_max", "loudness_max_time")),
        *((f"idx_segments_{name}", "i4") for name in ("loudness_start", "pitches", "start", "timbre")),
        *((f"idx_tatums_{name}", "i4") for name in ("confidence", "start")),
        *(("key", "i4"), ("key_confidence", "f8"), ("loudness", "f8"), ("mode", "i4")),
        *(("mode_confidence", "f8"), ("start_of_fade_out", "f8"), ("tempo", "f8")),
        *(("time_signature", "i4"), ("time_signature_confidence", "f8"), ("track_id", _ID)),
    ],
    "metadata": [
        *(("analyzer_version", _ID), ("artist_7digitalid", "i4"), ("artist_familiarity", "f8")),
        *(("artist_hotttnesss", "f8"), ("artist_id", _ID), ("artist_latitude", "f8")),
        *(("artist_location", _TEXT), ("artist_longitude", "f8"), ("artist_mbid", "S40")),
        *(("artist_name", _TEXT), ("artist_playmeid", "i4"), ("genre", _TEXT)),
        *(("idx_artist_terms", "i4"), ("idx_similar_artists", "i4"), ("release", _TEXT)),
        *(("release_7digitalid", "i4"), ("song_hotttnesss", "f8"), ("song_id", _ID)),
        *(("title", _TEXT), ("track_7digitalid", "i4")),
    ],
    "musicbrainz": [("idx_artist_mbtags", "i4"), ("year", "i4")],
}
"""The columns of the published file's three tables, as PyTables orders them."""


def msd_id(number):
    return f"TRAAA{'ABCDEFGH'[number % 8]}{'ABCDEFGH'[number // 8 % 8]}{number:011X}"


def mood_of(artist):
    return MOODS[artist % len(MOODS)]


def style_tags(mood):
    return tuple(f"{STYLES[mood]} {part}" for part in ("pop", "wave", "core"))


def write_million_song(folder, tracks_count=240, artists_count=60):
    """``track_metadata.db`` and ``lastfm_tags.db``: styles cause moods, artist by artist."""
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(folder / "track_metadata.db") as songs:
        songs.executescript(_SONGS)
        for number in range(tracks_count):
            artist = number % artists_count
            row = (
                msd_id(number),
                f"Song {number}",
                "SO",
                "Été at Home",
                "AR",
                "",
                f"Band {artist}",
                200.5,
                0.5,
                0.4,
            )
            songs.execute(
                "INSERT INTO songs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, 1990, 0, -1, 0)
            )
    with sqlite3.connect(folder / "lastfm_tags.db") as tagged:
        tagged.executescript(_TAGS)
        rows = {}
        for number in range(tracks_count):
            tagged.execute("INSERT INTO tids VALUES (?)", (msd_id(number),))
            mood = mood_of(number % artists_count)
            for tag, weight in [
                *((tag, 100.0) for tag in style_tags(mood)),
                *((t, 60) for t in MOOD_TAGS[mood]),
            ]:
                if tag not in rows:
                    rows[tag] = tagged.execute("INSERT INTO tags VALUES (?)", (tag,)).lastrowid
                tagged.execute("INSERT INTO tid_tag VALUES (?, ?, ?)", (number + 1, rows[tag], weight))


def write_summary(path, tracks_count=240, artists_count=60, lacking=()):
    """``msd_summary_file.h5``: of the same songs as ``track_metadata.db``; unknown shares are NaN."""
    with h5py.File(path, "w") as file:
        for group, columns in _HDF5.items():
            kept = [column for column in columns if column[0] not in lacking]
            rows = np.zeros(tracks_count, dtype=kept)
            for number in range(tracks_count):
                said = {
                    "track_id": msd_id(number).encode(),
                    "artist_name": f"Band {number % artists_count}".encode(),
                    "title": f"Song {number}".encode(),
                    "release": "Été at Home".encode(),
                    "duration": 200.5,
                    "artist_familiarity": np.nan if number == 0 else 0.5,
                    "year": 1990 if number else 0,
                }
                for name, value in said.items():
                    if name in rows.dtype.names:
                        rows[name][number] = value
            file.create_dataset(f"{group}/songs", data=rows, chunks=(16,), compression="gzip", shuffle=True)


def write_unique_tracks(path, tracks_count):
    lines = (f"{msd_id(n)}<SEP>SOAAAAA{n:011X}<SEP>Band {n % 60}<SEP>Song {n}" for n in range(tracks_count))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_hetrec(folder, artists_count=60):
    """The four tables: three people tag each band with its styles, and those of its mood play it."""
    folder.mkdir(parents=True, exist_ok=True)
    tags = sorted({tag for mood in MOODS for tag in style_tags(mood)})
    _dat(
        folder / "artists.dat",
        "id name url pictureURL",
        [(a + 1, f"Band {a}", "u", "p") for a in range(artists_count)],
    )
    _dat(folder / "tags.dat", "tagID tagValue", list(enumerate(tags, 1)))
    votes, plays = [], []
    for artist in range(artists_count):
        for user in range(3):
            votes += [
                (user + 1, artist + 1, tags.index(tag) + 1, 1, 4, 2009) for tag in style_tags(mood_of(artist))
            ]
        plays += [(artist % len(MOODS) + 6 * fan + 1, artist + 1, 10 + fan) for fan in range(3)]
    _dat(folder / "user_taggedartists.dat", "userID artistID tagID day month year", votes)
    _dat(folder / "user_artists.dat", "userID artistID weight", plays)


def _dat(path, header, rows):
    lines = ["\t".join(header.split()), *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="latin-1")


def write_audio_features(path, tracks_count=240, artists_count=60):
    chance = np.random.default_rng(4)
    header = (
        "track,artist,uri,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness"
    )
    header += ",liveness,valence,tempo,duration_ms,time_signature,chorus_hit,sections,target,decade"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        for number in range(tracks_count):
            energy = float(np.clip(ENERGY[mood_of(number % artists_count)] + chance.normal(0, 0.05), 0, 1))
            valence, acousticness = round(1 - energy, 3), round(chance.random(), 3)
            names = (f"Song {number}", f"Band {number % artists_count}", f"spotify:track:{number:022d}")
            sound = (0.5, round(energy, 3), 4, -7, 1, 0.03, acousticness, 0, 0.1, valence, 120, 200_000, 4)
            writer.writerow([*names, *sound, 30.1, 10, number % 2, 1990])


def write_deezer(path, tracks_count=30):
    rows = [(n, n, msd_id(n), 0.5, -1.25, f"Band {n % 60}", f"Song {n}") for n in range(tracks_count)]
    header = "dzr_sng_id,MSD_sng_id,MSD_track_id,valence,arousal,artist_name,track_name"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")


def write_jamendo(folder, artists_count=60):
    """Genres, and moods and themes, in two parts of a division."""
    folder.mkdir(parents=True, exist_ok=True)
    themes = {
        "upbeat": "party",
        "chill": "calm",
        "dark": "dark",
        "happy": "happy",
        "sad": "sad",
        "romantic": "love",
    }
    for part, artists in (
        ("train", range(artists_count)),
        ("validation", range(artists_count, 2 * artists_count)),
    ):
        for kind in ("genre", "moodtheme"):
            lines = ["TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"]
            for number in range(4 * len(artists)):
                artist = artists[number % len(artists)]
                mood = mood_of(artist)
                told = [f"genre---{STYLES[mood]}"] if kind == "genre" else [f"mood/theme---{themes[mood]}"]
                track = f"track_{number + 10_000 * (part == 'train'):07d}"
                lines.append(
                    "\t".join([track, f"artist_{artist:06d}", "album_1", "00/1.mp3", "212.7", *told])
                )
            (folder / f"{kind}-{part}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
