"""Tags, audio features, moods, albums and reviews."""

import json

import pytest

from tests.raw.importing_bench import imported_text
from timbral.raw.formats.albums import release_date


def test_tags_of_tracks_and_of_artists_stay_apart(tmp_path):
    text = (
        "artist,track,tag,count\nLow,Words,slowcore,100\nLow,,sad,7\nLow,Words,slowcore,100\nLow,Words,,3\n"
    )
    report, tables = imported_text(tmp_path, text)

    assert tables.rows("tag_votes_raw", "artist", "track", "tag", "votes_count") == [
        ("Low", "Words", "slowcore", 100),
        ("Low", None, "sad", 7),
    ]
    assert (report.duplicates, report.quarantined) == (1, {"tag is empty": 1})


def test_tags_without_counts_are_votes_of_their_own(tmp_path):
    _, tables = imported_text(tmp_path, "artist,tag\nLow,slowcore\nLow,slowcore\nLow,sad\n")

    assert tables.rows("tag_votes_raw", "tag", "votes_count") == [("sad", 1), ("slowcore", 2)]


def test_moods_are_read_with_gaps(tmp_path):
    text = "artist,track,energy,valence,upbeat,chill,dark,happy,sad,romantic\nLow,Words,0.2,,0,1,0.5,0,1,0\n"
    _, tables = imported_text(tmp_path, text)

    assert tables.rows("mood_labels_raw", "valence", "chill", "dark", "sad") == [(None, 1.0, 0.5, 1.0)]


HIT = (
    "track,artist,uri,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,"
    "valence,tempo,duration_ms,time_signature,chorus_hit,sections,target,decade\n"
)


def test_audio_features_come_with_their_track(tmp_path):
    numbers = "0.5,0.4,4,-7.2,1,0.03,0.3,4.4E-06,0.1,0.5,133.0,196707,4,30,13,1,1990"
    row = f"Words,Low,spotify:track:4GiXBCUF7H6YfNQsnBRIzl,{numbers}"
    wrong = row.replace("4GiXBCUF7H6YfNQsnBRIzl", "5GiXBCUF7H6YfNQsnBRIzl").replace(",0.5,0.4,", ",1.5,0.4,")
    report, tables = imported_text(tmp_path, f"{HIT}{row}\n{row}\n{wrong}\n")

    assert tables.rows("tracks_spotify", "spotify_id", "artist", "track", "duration_ms") == [
        ("4GiXBCUF7H6YfNQsnBRIzl", "Low", "Words", 196_707)
    ]
    [(loudness, tempo)] = tables.rows("audio_features_spotify", "loudness", "tempo")
    assert (loudness, tempo) == (pytest.approx(-7.2), 133.0)
    assert (report.duplicates, report.quarantined) == (1, {"danceability is above 1": 1})


def test_a_list_of_rated_albums_is_read_with_its_texts(tmp_path):
    text = (
        "id,title,artist,release_date,genres,user_score,rating_count,album_link\n"
        '1,In Rainbows,Radiohead,"October 10, 2007","Art Rock, Alternative Rock",94,"19,366 ratings",'
        "https://example.org/album/12-radiohead-in-rainbows.php\n2,Old,Someone,July 1963,,NR,1 rating,\n"
    )
    _, tables = imported_text(tmp_path, text)

    wanted = ("title", "aoty_id", "released_on", "year", "genres", "user_score", "user_ratings_count")
    assert tables.rows("albums_aoty", *wanted) == [
        ("In Rainbows", "12", "2007-10-10", 2007, ["Art Rock", "Alternative Rock"], 94.0, 19_366),
        ("Old", None, "1963-07", 1963, None, None, 1),
    ]


def test_ratings_of_critics_are_the_sites_own(tmp_path):
    header = (
        "\ufeffArtist,Title,Release Month,Release Day,Release Year,Format,Label,Genre,"
        "Metacritic Critic Score,Metacritic Reviews,Metacritic User Score,Metacritic User Reviews,"
        "AOTY Critic Score,AOTY Critic Reviews,AOTY User Score,AOTY User Reviews\n"
    )
    rows = (
        "Neko Case,Middle Cyclone,March,3,2009,LP,ANTI-,Alt-Country,79,31,8.7,31,78,25,77,55\n"
        "X,Y,June,un,2009,LP,,,,,,,78,1,77,5\nX,,June,1,2009,LP,,,,,,,78,1,77,5\n"
    )
    report, tables = imported_text(tmp_path, header + rows)

    wanted = ("artist", "released_on", "critic_score", "critic_reviews_count", "user_score", "label")
    assert tables.rows("albums_aoty", *wanted) == [
        ("Neko Case", "2009-03-03", 78.0, 25, 77.0, "ANTI-"),
        ("X", "2009-06", 78.0, 1, 77.0, None),
    ]
    assert report.quarantined == {"title is empty": 1}


ALBUM = {
    "artist": "Low",
    "title": "Hey What",
    "release_date": "2021-09-10",
    "genres": ["Slowcore", "Post-Industrial"],
    "description": "Their loudest.",
    "critic_score": 88,
    "user_score": 83.5,
    "reviews": [
        {"publication": "Paper", "score": 90, "text": "Vast.", "type": "critic"},
        {"author": "someone", "rating": None, "review": "Loud.", "type": "user"},
        {"author": "silent", "text": ""},
    ],
}


@pytest.mark.parametrize(
    "text", [json.dumps([ALBUM], indent=1), json.dumps(ALBUM) + "\n", json.dumps(ALBUM, indent=1)]
)
def test_albums_in_json_bring_their_reviews(tmp_path, text):
    report, tables = imported_text(tmp_path, text, name="albums.json")

    assert tables.rows("albums_aoty", "title", "year", "genres", "critic_score", "description") == [
        ("Hey What", 2021, ["Slowcore", "Post-Industrial"], 88.0, "Their loudest.")
    ]
    assert tables.rows("album_reviews_aoty", "title", "reviewer", "is_critic", "score", "text") == [
        ("Hey What", "Paper", True, 90.0, "Vast."),
        ("Hey What", "someone", False, None, "Loud."),
    ]
    assert report.quarantined == {"text is empty": 1}


def test_reviews_alone_are_known_by_their_content(tmp_path):
    review = {"artist": "Low", "album": "Hey What", "author": "x", "score": 80, "text": "Good."}
    report, tables = imported_text(tmp_path, json.dumps(review) + "\n" + json.dumps(review) + "\n")

    assert tables.rows("album_reviews_aoty", "title", "score") == [("Hey What", 80.0)]
    assert report.duplicates == 1


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("March 15, 2015", "2015-03-15"),
        ("15 March 2015", "2015-03-15"),
        ("Sept. 3rd, 1999", "1999-09-03"),
        ("July 1963", "1963-07"),
        ("1965", "1965"),
        ("2015-03-15T00:00:00Z", "2015-03-15"),
        ("2015-13-15", "2015"),
        ("Smarch 5, 2015", "2015"),
        ("soon", None),
    ],
)
def test_release_dates_are_as_exact_as_they_are_known(text, date):
    assert release_date(text) == date
