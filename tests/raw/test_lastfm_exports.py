"""Last.fm exports in their dialects."""

import pytest

from tests.raw.importing_bench import imported_text

UTS = 1_674_553_320  # 24 Jan 2023, 09:42 UTC
WANTED = [("ann", UTS, "Low", "Plastic Cup"), ("ann", UTS + 240, "Björk, Live", "Hyperballad")]
COLUMNS = ("listener_id", "scrobbled_at_uts", "artist", "track")
MBID = "b7ddce8b-9e5c-46bd-9d33-41b134ce1a7f"

ROWS = f'uts,artist,track\n{UTS},Low,Plastic Cup\n{UTS + 240},"Björk, Live",Hyperballad\n'

DIALECTS = {
    "eight columns": f"""uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid
{UTS},"24 Jan 2023, 09:42",Low,,The Invisible Way,,Plastic Cup,{MBID}
{UTS + 240},"24 Jan 2023, 09:46","Björk, Live",,Post,,Hyperballad,
""",
    "no ids and times to the minute": """utc_time,artist,album,track
"24 Jan 2023, 09:42",Low,The Invisible Way,Plastic Cup
"24 Jan 2023, 09:46","Björk, Live",Post,Hyperballad
""",
    "seven columns": f"""uts,artist,artist_mbid,album,album_mbid,track,track_mbid
{UTS},Low,,The Invisible Way,,Plastic Cup,
{UTS + 240},"Björk, Live",,Post,,Hyperballad,
""",
    "R with a quoted index": """"","artist","track","album","date"
"1","Low","Plastic Cup","The Invisible Way","2023-01-24 09:42:00"
"2","Björk, Live","Hyperballad","Post","2023-01-24 09:46:00"
""",
    "R with an index that has no name": f""""uts","artist","album","track"
"1",{UTS},"Low","The Invisible Way","Plastic Cup"
"2",{UTS + 240},"Björk, Live","Post","Hyperballad"
""",
    "track first": f"""track,mbid,artist,artist_mbids,album,album_mbids,timestamp,datetime,date
Plastic Cup,{MBID},Low,,The Invisible Way,,{UTS},2023-01-24 09:42:00,2023-01-24
Hyperballad,,"Björk, Live",,Post,,{UTS + 240},2023-01-24 09:46:00,2023-01-24
""",
    "more columns in another order": f"""loved;album;track;image;artist;uts
0;The Invisible Way;Plastic Cup;http://example.org/1;Low;{UTS}
1;Post;Hyperballad;;"Björk, Live";{UTS + 240}
""",
    "tabs": ROWS.replace(",", "\t").replace('"Björk\t Live"', "Björk, Live"),
    "an Excel line": "sep=;\n" + ROWS.replace(",", ";").replace('"Björk; Live"', "Björk, Live"),
    "milliseconds": ROWS.replace(f"{UTS}", f"{UTS}000").replace(f"{UTS + 240}", f"{UTS + 240}000"),
    "a zone": """utc_time,artist,track
2023-01-24T10:42:00+01:00,Low,Plastic Cup
2023-01-24T09:46:00Z,"Björk, Live",Hyperballad
""",
    "day and hour apart": """,Username,Artist,Track,Album,Date,Time
0,ann,Low,Plastic Cup,X,24 Jan 2023, 09:42
1,ann,"Björk, Live",Hyperballad,Post,2023-01-24, 09:46
""",
    "flattened JSON": f"""artist.mbid,artist.#text,name,album.#text,date.uts,date.#text
,Low,Plastic Cup,X,{UTS},"24 Jan 2023, 09:42"
,"Björk, Live",Hyperballad,Post,{UTS + 240},"24 Jan 2023, 09:46"
""",
    "carriage returns": ROWS.replace("\n", "\r\n"),
    "carriage returns alone": ROWS.replace("\n", "\r"),
    "names in camel case": ROWS.replace("uts,artist,track", "UTS,Artist Name,trackName"),
    "no newline at the end": ROWS.removesuffix("\n"),
    "blank lines": ROWS.replace("\n", "\n\n\n"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_gives_the_same_plays(tmp_path, dialect):
    report, tables = imported_text(tmp_path, DIALECTS[dialect])

    assert tables.rows("user_scrobbles_raw", *COLUMNS) == WANTED
    assert (report.rows_read, report.rows_used, report.quarantined) == (2, 2, {})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_and_two_byte_encodings_are_read(tmp_path, encoding):
    _, tables = imported_text(tmp_path, DIALECTS["eight columns"].encode(encoding))

    assert tables.rows("user_scrobbles_raw", *COLUMNS) == WANTED


def test_latin_letters_of_one_byte_are_read_and_counted(tmp_path):
    report, tables = imported_text(tmp_path, DIALECTS["eight columns"].encode("cp1252"))

    assert tables.rows("user_scrobbles_raw", *COLUMNS) == WANTED
    assert report.repairs == {"lines read as Windows-1252": 1}


def headerless(*orders):
    plays = [(f"{UTS + 60 * n}", f"Artist {n % 3}", f"Album {n % 7}", f"Track {n}") for n in range(40)]
    return "\n".join(",".join(play[at] for at in orders) for play in plays) + "\n"


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 3, 0), (3, 1, 2, 0)])
def test_a_file_without_a_header_is_understood_by_its_values(tmp_path, order):
    _, tables = imported_text(tmp_path, headerless(*order))

    plays = tables.rows("user_scrobbles_raw", "artist", "album", "track", "scrobbled_at_uts")
    assert len(plays) == 40
    assert plays[5] == ("Artist 2", "Album 5", "Track 5", UTS + 300)


def test_ids_stand_behind_the_names_that_they_belong_to(tmp_path):
    row = f"{UTS},Low,{MBID},The Invisible Way,,Plastic Cup,{MBID[::-1]}\n"
    _, tables = imported_text(tmp_path, "uts,artist,artist_mbid,album,album_mbid,track,track_mbid\n" + row)

    assert tables.rows("user_scrobbles_raw", "artist_mbid", "album_mbid", "track_mbid") == [
        (MBID, None, None)
    ]


def test_the_listener_is_the_one_given_else_the_files_name(tmp_path):
    text = DIALECTS["seven columns"]
    _, given = imported_text(tmp_path, text, name="someone.csv", listener="ann")
    _, named = imported_text(tmp_path, text, name="someone.csv", listener=None)

    assert {row[0] for row in given.rows("user_scrobbles_raw", "listener_id")} == {"ann"}
    assert {row[0] for row in named.rows("user_scrobbles_raw", "listener_id")} == {"someone"}


def test_rows_that_name_their_listener_keep_them(tmp_path):
    text = f"listener,artist,track,album,uts\nbob,Low,Plastic Cup,,{UTS}\n,Low,Plastic Cup,,{UTS}\n"
    report, tables = imported_text(tmp_path, text)

    assert tables.rows("user_scrobbles_raw", "listener_id", "source") == [("bob", "plain"), ("ann", "plain")]
    assert report.listeners_count == 2
