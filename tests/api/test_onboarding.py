import numpy as np


def test_genres_come_with_samples_that_tell_them_apart(newcomer, view):
    genres = newcomer.get("/onboarding").json()["genres"]

    samples = [sample["track_id"] for genre in genres for sample in genre["samples"]]
    assert {genre["genre"] for genre in genres} == set(view.columns().genre_codes)
    assert len(set(samples)) == len(samples)
    for genre in genres:
        assert all(genre["genre"] in sample["genres"] for sample in genre["samples"])
        assert len({sample["artist"] for sample in genre["samples"]}) == len(genre["samples"])


def test_no_more_genres_or_samples_than_asked(newcomer):
    genres = newcomer.get("/onboarding", params={"limit": 2, "samples": 3}).json()["genres"]

    assert [len(genre["samples"]) for genre in genres] == [3, 3]


def test_picked_tracks_lead_to_their_kind_at_once(newcomer, view):
    picks = np.flatnonzero(view.world.track_block == 4)[:3]
    ids = [view.track_id(row) for row in picks]

    tracks = newcomer.post("/onboarding", json={"track_ids": ids, "limit": 8}).json()["tracks"]

    blocks = view.world.track_block[view.rows([track["track_id"] for track in tracks])]
    assert (blocks == 4).mean() >= 0.75
    assert {track["track_id"] for track in tracks}.isdisjoint(ids)
    assert all(track["why"]["rule"] == "picked" for track in tracks)


def test_a_picked_genre_is_enough(newcomer, view):
    genre = view.genre(5)

    tracks = newcomer.post("/onboarding", json={"genres": [genre.upper()], "limit": 8}).json()["tracks"]

    assert sum(genre in track["genres"] for track in tracks) >= 6


def test_each_pick_has_its_part(newcomer, view):
    picks = {"genres": [view.genre(1), view.genre(6)], "limit": 12}

    tracks = newcomer.post("/onboarding", json=picks).json()["tracks"]

    for block in (1, 6):
        assert sum(view.genre(block) in track["genres"] for track in tracks) >= 3


def test_what_the_release_does_not_have_cannot_be_picked(newcomer, view):
    nothing = newcomer.post("/onboarding", json={})
    track = newcomer.post("/onboarding", json={"track_ids": [view.track_id(1), "nobody"]})
    genre = newcomer.post("/onboarding", json={"genres": ["s3cret genre"]})

    assert [answer.status_code for answer in (nothing, track, genre)] == [400] * 3
    assert track.json()["field"] == "track_ids"
    assert genre.json()["field"] == "genres"
    assert "s3cret" not in genre.text


def test_genres_page_on_without_repeats_to_the_end(newcomer):
    whole = newcomer.get("/onboarding", params={"limit": 50}).json()
    paged, cursor = [], None
    while True:
        page = newcomer.get(
            "/onboarding", params={"limit": 3} | ({"cursor": cursor} if cursor else {})
        ).json()
        paged += page["genres"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert paged == whole["genres"]
    assert whole["next_cursor"] is None


def test_first_tracks_page_on_as_one_longer_list(newcomer, view):
    picks = {"genres": [view.genre(1), view.genre(6)]}
    whole = newcomer.post("/onboarding", json={**picks, "limit": 30}).json()["tracks"]
    first = newcomer.post("/onboarding", json={**picks, "limit": 12}).json()
    more = {**picks, "limit": 18, "cursor": first["next_cursor"]}
    second = newcomer.post("/onboarding", json=more).json()
    other = newcomer.post("/onboarding", json={**more, "genres": [view.genre(2)]})

    assert first["tracks"] + second["tracks"] == whole
    assert other.status_code == 410


def test_who_picks_genres_gets_mostly_those_at_once_and_on_the_home_page(newcomer, view):
    picked = {view.genre(1), view.genre(6)}

    first = newcomer.post("/onboarding", json={"genres": sorted(picked), "limit": 12}).json()["tracks"]
    home = newcomer.get("/recs/home").json()["carousels"][0]["tracks"]

    for tracks in (first, home):
        assert sum(bool(picked & set(track["genres"])) for track in tracks) >= 9


def test_samples_are_first_of_all_of_their_own_genre(newcomer):
    offered = newcomer.get("/onboarding", params={"samples": 3}).json()["genres"]

    assert all(choice["samples"][0]["genres"][0] == choice["genre"] for choice in offered)
