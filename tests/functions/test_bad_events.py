import pytest

from tests.deployment import functions
from timbral.errors import InvalidInput, NotFound

TOLD_OTHERWISE = {
    "api",
    "api_erase_listeners",
    "embeddings_encode_chunk",
    "raw_load_objects",
    "raw_pull_lastfm",
    "raw_pull_spotify",
    "raw_scrape_aoty",
}
STEPS = sorted(set(functions()) - TOLD_OTHERWISE)
NOBODYS = "0" * 32
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")  # a failed step has none


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    ("pins", "field"),
    [
        ("core", "pins"),
        ({"tracks_core": "latest"}, r"pins\.tracks_core"),
        ({"tracks_core": None}, r"pins\.tracks_core"),
    ],
)
def test_a_pin_that_is_none_is_refused_by_its_field(deployment, name, pins, field):
    with pytest.raises(InvalidInput, match=f"the event's field '{field}' is "):
        deployment.invoke(name, {"pins": pins})


def test_a_step_without_its_pins_says_which_it_lacks(deployment):
    with pytest.raises(InvalidInput, match=r"no field 'pins\.user_scrobbles_raw', a snapshot id"):
        deployment.invoke("core_map_tracks", {})


def test_a_snapshot_that_the_store_has_not_is_named(deployment):
    with pytest.raises(NotFound, match=r"'pins\.user_scrobbles_raw': there is no object"):
        deployment.invoke("core_map_tracks", {"pins": {"user_scrobbles_raw": NOBODYS}})


def test_a_release_that_nobody_made_is_not_served(deployment):
    with pytest.raises(NotFound, match="no release was made of the snapshots"):
        deployment.invoke("recommender_publish_release", {"pins": {"track_vector": NOBODYS}})


@pytest.mark.parametrize(
    ("name", "job"),
    [
        ("embeddings_encode_tracks", "embeddings_publish"),
        ("mood_predict_tracks", "mood_train"),
        ("vectors_assemble_tracks", "embeddings_publish"),
    ],
)
def test_a_function_that_lacks_its_model_names_the_job_that_makes_it(deployment, name, job):
    with pytest.raises(NotFound, match=f"run the job {job} first"):
        deployment.invoke(name, {"pins": {}})
