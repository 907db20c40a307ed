"""GraphQL answers what the routes answer, nested, and never more than it may cost."""

import pytest
from graphql import get_introspection_query

from tests.api.conftest import client_of


def graph(client, query, **variables):
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_answers_what_the_routes_answer(ask):
    query = """{ release listener { basis taste(window: ALL, limit: 3) { playsCount genres { name share } }
        recommendations(limit: 4) { carousel title tracks { score why { text } track { trackId } } } } }"""

    data = graph(ask, query)["data"]

    home = ask.get("/recs/home", params={"limit": 4}).json()
    taste = ask.get("/taste/summary", params={"limit": 3}).json()
    shelf = data["listener"]["recommendations"][0]
    assert [track["track"]["trackId"] for track in shelf["tracks"]] == [
        track["track_id"] for track in home["carousels"][0]["tracks"]
    ]
    assert data["listener"]["taste"]["playsCount"] == taste["plays_count"]
    assert [g["name"] for g in data["listener"]["taste"]["genres"]] == [g["name"] for g in taste["genres"]]
    assert data["release"] == home["release"]


def test_nested_tracks_are_looked_up_together_however_many_there_are(ask, view):
    query = """query ($n: Int!) { search(text: "dub", limit: $n)
        { track { similar(limit: 2) { title track { similar(limit: 2) { title } } } } } }"""
    counts = []
    for number in (2, 12):
        view.calls.clear()
        found = graph(ask, query, n=number)
        assert "errors" not in found or not found["errors"]
        counts.append(view.calls.count("cards"))

    assert counts[0] == counts[1]


def test_similar_tracks_are_the_routes_own(ask, view):
    found = graph(
        ask,
        "query ($id: String!) { track(trackId: $id) { similar(limit: 5) { title score } } }",
        id=view.track_id(7),
    )

    route = ask.get(f"/recs/track/{view.track_id(7)}", params={"limit": 5}).json()["tracks"]
    assert [track["title"] for track in found["data"]["track"]["similar"]] == [t["title"] for t in route]


NESTED = "similar(limit: 1) { track { " * 5 + "title" + " } }" * 5

TOO_MUCH = '{ search(text: "a", limit: 99) { track { similar(limit: 99) { track { similar { title } } } } } }'


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{", "can't be read"),
        ("{ nothing }", "doesn't fit the schema"),
        ("mutation { a }", "schema"),
        ("{ track(trackId: 7) { title } }", "schema"),
        ("query { ...F } fragment F on Query { ...F }", "schema"),
        ('{ track(trackId: "x") { %s } }' % NESTED, "deep"),  # noqa: UP031  braces
        (TOO_MUCH, "cost"),
        ("{ " + "release " * 2_500 + "}", "can't be read"),
    ],
)
def test_a_query_that_is_none_or_too_much_is_refused(ask, query, why):
    answer = ask.post("/graphql", json={"query": query[:10_000]})

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert why in answer.json()["detail"]


def test_a_field_that_fails_says_why_by_its_problems_type(ask):
    found = graph(ask, '{ release track(trackId: "nobody") { title } }')

    assert found["errors"][0]["extensions"]["type"] == "urn:timbral:problem:not-found"
    found = graph(ask, '{ search(text: " ") { title } }')
    assert found["errors"][0]["extensions"] == {
        "type": "urn:timbral:problem:invalid-request",
        "field": "search.text",
    }
    found = graph(ask, "{ listener { taste(limit: 0) { known } } }")
    assert found["errors"][0]["extensions"]["field"] == "taste.limit"


def test_nobody_unknown_asks(app):
    assert client_of(app).post("/graphql", json={"query": "{ release }"}).status_code == 401


def test_tools_may_ask_for_the_schema_and_nobody_for_all_of_it_many_times_over(ask):
    known = graph(ask, get_introspection_query())["data"]["__schema"]["types"]
    nested = "fields { type { " * 5 + "name" + " } }" * 5

    answer = ask.post("/graphql", json={"query": "{ __schema { types { %s } } }" % nested})  # noqa: UP031  braces

    assert {"Query", "Listener", "Taste", "Track"} <= {one["name"] for one in known}
    assert answer.status_code == 400
    assert "introspection depth" in answer.json()["detail"]


def test_a_query_of_all_levels_asks_the_release_no_oftener_for_more_tracks(ask, view):
    query = """query ($n: Int!) { listener { taste { playsCount } recommendations(limit: $n)
        { tracks { track { title similar(limit: 3) { track { similar(limit: 2) { title } } } } } } } }"""
    counts = []
    for number in (1, 4):
        view.calls.clear()
        found = graph(ask, query, n=number)
        assert not found.get("errors")
        counts.append([call for call in view.calls if call != "vectors"])  # they lie in memory

    assert counts[0] == counts[1]
    assert counts[0].count("nearest_many") == 2
    assert "near" not in counts[0]


def test_lists_of_the_graph_go_on_where_they_ended(ask, view):
    seed, shown = view.track_id(3), "{ cursor track { trackId } }"
    walks = {
        "similar": '{ track(trackId: "' + seed + '") { similar(limit: %d%s) ' + shown + " } }",
        "search": '{ search(text: "' + str(view.world.artists[3]) + '", limit: %d%s) ' + shown + " }",
    }
    for name, query in walks.items():

        def tracks(limit, cursor=None, name=name, query=query):
            more = f', cursor: "{cursor}"' if cursor else ""
            data = ask.post("/graphql", json={"query": query % (limit, more)}).json()["data"]
            return data["track"]["similar"] if name == "similar" else data["search"]

        whole = tracks(9)
        parts = tracks(4)
        parts += tracks(5, parts[-1]["cursor"])

        assert len(whole) == 9
        assert parts == whole


def test_taste_and_shelves_of_the_graph_go_on_together(ask):
    query = (
        "{ listener { taste(limit: 2%s) { genres { name } nextCursor }"
        " recommendations(limit: 3%s) { nextCursor tracks { track { trackId } } } } }"
    )
    first = ask.post("/graphql", json={"query": query % ("", "")}).json()["data"]["listener"]
    shelf = first["recommendations"][0]
    goes_on = [f', cursor: "{cursor}"' for cursor in (first["taste"]["nextCursor"], shelf["nextCursor"])]
    second = ask.post("/graphql", json={"query": query % tuple(goes_on)}).json()["data"]["listener"]
    stale = ask.post("/graphql", json={"query": query % (goes_on[1], "")}).json()

    def ids(page):
        return {one["track"]["trackId"] for row in page["recommendations"] for one in row["tracks"]}

    assert len(first["taste"]["genres"]) == 2
    assert first["taste"]["genres"] != second["taste"]["genres"]
    assert ids(first)
    assert ids(second)
    assert not ids(first) & ids(second)
    assert stale["errors"]


def test_filters_of_the_graph_are_the_routes_own(ask, view):
    seed, genre = view.track_id(7), view.cards([7])[0].genres[0]
    filters = {"genres": [genre.upper()], "yearFrom": 1970, "yearTo": 2020}
    query = """query ($id: String!, $of: Filters) {
        track(trackId: $id) { similar(filters: $of, limit: 5) { track { trackId } } }
        search(text: "dub", filters: $of, rerank: true, limit: 5) { track { trackId } } }"""

    data = graph(ask, query, id=seed, of=filters)["data"]

    only = {"genres": [genre], "year_from": 1970, "year_to": 2020}
    similar = ask.get(f"/recs/track/{seed}", params={"limit": 5, **only}).json()["tracks"]
    found = ask.post("/search", json={"query": "dub", "filters": only, "rerank": True, "limit": 5}).json()
    assert ids_of(data["track"]["similar"]) == [track["track_id"] for track in similar]
    assert ids_of(data["search"]) == [track["track_id"] for track in found["tracks"]]
    assert similar
    assert found["tracks"]


def ids_of(found):
    return [one["track"]["trackId"] for one in found]


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"yearFrom": 3000}, "search.filters.year_from"),
        ({"yearFrom": 2000, "yearTo": 1990}, "search.filters"),
        ({"moods": ["hungry"]}, "search.filters.moods.0"),
        ({"genres": ["a"] * 500}, "search.filters.genres"),
    ],
)
def test_filters_that_a_route_would_refuse_are_refused(ask, filters, field):
    query = 'query ($of: Filters) { search(text: "dub", filters: $of) { title } }'

    found = graph(ask, query, of=filters)

    assert found["errors"][0]["extensions"]["type"] == "urn:timbral:problem:invalid-request"
    assert found["errors"][0]["extensions"]["field"] == field


def test_a_genre_that_nobody_knows_leaves_nothing(ask, view):
    query = '{ track(trackId: "%s") { similar(filters: {genres: ["no such"]}) { title } } }'

    assert graph(ask, query % view.track_id(7))["data"]["track"]["similar"] == []


def test_a_misspelt_name_is_known_to_the_graph_as_to_the_route(ask, view):
    artist = view.cards([7])[0].artist
    typed = f"{artist[:-1]}q"

    found = graph(ask, f'{{ didYouMean(text: "{typed}") known: didYouMean(text: "{artist}") }}')["data"]

    assert found["didYouMean"] == ask.post("/search", json={"query": typed}).json()["did_you_mean"]
    assert found["known"] is None
