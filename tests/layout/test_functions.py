"""Functions, jobs, layers and the template are about the same things."""

import sys
from functools import cache
from importlib.metadata import packages_distributions

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deployment import (
    LAYERS,
    REPOSITORY,
    allowed_keys,
    flow,
    function_folders,
    functions,
    logical_id,
    resources,
    statements,
    template,
)
from timbral.settings import Settings
from timbral.stage import STAGES

NAMES = [folder.name for folder in function_folders()]
JOBS = sorted(path.parent.name for path in (REPOSITORY / "batch").glob("*/job.py"))
ADAPTERS = ("timbral.store.obstore_objects", "timbral.store.tables", "timbral.store.artifacts")
STEP = (
    "timbral.operations.observed",
    "timbral.job_log",
    "timbral.settings",
    "timbral.store.releases",
    "timbral.store.format",
    "timbral.store.snapshots",
)
# What a function runs besides its handler: operations and wiring import it when it is first used.
RUNS = {
    "raw_load_objects": (
        *ADAPTERS,
        "timbral.raw.importing",
        "timbral.raw.answers.loading",
        "timbral.raw.aoty.stream",
    ),
    "raw_pull_lastfm": (
        *ADAPTERS,
        "timbral.operations.lastfm",
        "timbral.providers.sealed",
        "timbral.providers.stack",
        "timbral.providers.transport",
        "timbral.pulling.spotify.desk",
        "timbral.providers.secrets",
        "timbral.providers.stack",
        "timbral.providers.transport",
        "timbral.queues",
    ),
    "raw_pull_spotify": (
        *ADAPTERS,
        "timbral.operations.spotify",
        "timbral.providers.sealed",
        "timbral.providers.secrets",
        "timbral.providers.stack",
        "timbral.providers.transport",
        "timbral.queues",
    ),
    "raw_scrape_aoty": (
        *ADAPTERS,
        "timbral.raw.answers.loading",
        "timbral.providers.transport",
        "timbral.providers.stack",
        "timbral.pulling.aoty.scraping",
    ),
    "raw_pin_tables": (*ADAPTERS, "timbral.raw.run"),
    "core_map_tracks": (*ADAPTERS, "timbral.core.run"),
    "tags_aggregate_tracks": (*ADAPTERS, "timbral.tags.run"),
    "features_snapshot_tracks": (*ADAPTERS, "timbral.features.run"),
    "embeddings_encode_chunk": (*ADAPTERS, "timbral.embeddings.run", "timbral.embeddings.encoder"),
    "embeddings_encode_tracks": (*ADAPTERS, "timbral.embeddings.run", "timbral.embeddings.encoder"),
    "mood_predict_tracks": (*ADAPTERS, "timbral.mood.run", "timbral.mood.predictor"),
    "vectors_assemble_tracks": (*ADAPTERS, "timbral.vectors.run", "timbral.vectors.fit"),
    "recommender_publish_release": ADAPTERS,
    "recommender_monitor_releases": (*ADAPTERS, "timbral.operations.watch", "timbral.api.metrics"),
    "recommender_vacuum_store": (*ADAPTERS, "timbral.operations.watch"),
    "api_erase_listeners": (*ADAPTERS, "timbral.operations.erasing", "timbral.api.listeners.erasure"),
    "api": (
        *ADAPTERS,
        "timbral.providers.sealed",
        "timbral.api.gateway",
        "timbral.recommender.release.source",
        "timbral.embeddings.encoder",
        "timbral.mood.serving",
    ),
}


@cache
def imports():
    """Return the package's imports, those of third parties among them."""
    return grimp.build_graph("timbral", include_external_packages=True, exclude_type_checking_imports=True)


def third_parties(module):
    """Return the distributions that a module needs, directly or by way of others."""
    graph, ours, found, seen = imports(), [module], set(), set()
    known = packages_distributions()
    while ours:
        here = ours.pop()
        if here in seen:
            continue
        seen.add(here)
        for name in graph.find_modules_directly_imported_by(here):
            if name.startswith("timbral"):
                ours += [name, name.rpartition(".")[0]] if "." in name else [name]
            elif name not in sys.stdlib_module_names and name in known:
                found.add(canonicalize_name(known[name][0]))
    return found


def installed(requirements):
    """Return the distributions that a requirement file names."""
    lines = (line.split(" \\")[0] for line in requirements.read_text().splitlines() if line[:1].isalpha())
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_every_function_folder_is_a_function_of_the_template_and_the_other_way_round():
    found = resources("AWS::Serverless::Function")

    assert sorted(found) == sorted(logical_id(name) for name in NAMES)
    for name, properties in functions().items():
        where = found[logical_id(name)]
        image = where.get("Metadata", {}).get("DockerBuildArgs", {}).get("FUNCTION")
        assert properties.get("CodeUri", f"functions/{image}") == f"functions/{name}"


@pytest.mark.parametrize("name", [*NAMES, *JOBS])
def test_the_name_begins_with_a_stage(name):
    assert name.split("_")[0] in STAGES


@pytest.mark.parametrize("name", NAMES)
def test_a_handler_is_short(name):
    lines = (REPOSITORY / "functions" / name / "handler.py").read_text().splitlines()

    assert len(lines) <= 25


@pytest.mark.parametrize("name", NAMES)
def test_layers_or_image_have_all_that_a_function_imports(name):
    properties = functions()[name]
    layers = [layer["Ref"].removesuffix("Layer").lower() for layer in properties.get("Layers", [])]
    files = [LAYERS / layer / "requirements.txt" for layer in layers if layer != "timbral"]
    files = files or [REPOSITORY / "functions" / name / "requirements.txt"]
    has = set().union(*(installed(file) for file in files)) | {"timbral"}
    needs = {"aws-lambda-powertools"}.union(*(third_parties(module) for module in (*STEP, *RUNS[name])))

    assert not needs - has


def test_images_are_those_functions_that_have_requirements_of_their_own():
    images = {name for name, properties in functions().items() if properties.get("PackageType") == "Image"}

    assert images == {path.parent.name for path in (REPOSITORY / "functions").glob("*/requirements.txt")}


def test_every_timbral_variable_of_the_templates_is_a_setting():
    fields = {f"TIMBRAL_{name.upper()}" for name in Settings.model_fields}
    functions_have = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    for properties in functions().values():
        functions_have |= set(properties.get("Environment", {}).get("Variables", {}))
    jobs_have = {
        variable["Name"]
        for job in resources("AWS::Batch::JobDefinition", "infra/batch.yaml").values()
        for variable in job["Properties"]["ContainerProperties"]["Environment"]
    }

    assert {name for name in functions_have | jobs_have if name.startswith("TIMBRAL_")} <= fields


def test_every_job_of_the_template_is_a_job_and_takes_its_pins():
    definitions = resources("AWS::Batch::JobDefinition", "infra/batch.yaml")
    commands = {key: job["Properties"]["ContainerProperties"]["Command"] for key, job in definitions.items()}

    assert {command[0] for command in commands.values()} <= {f"batch.{name}.job" for name in JOBS}
    assert all(key == logical_id(commands[key][0].split(".")[1]) for key in definitions)


def test_the_state_machine_runs_the_stages_in_their_order():
    states, state, order = flow()["States"], flow()["StartAt"], []
    while state:
        order.append(state.split("_")[0])
        state = states[state].get("Next", states[state].get("Default"))

    assert sorted(order, key=STAGES.index) == order
    assert set(order) == set(STAGES) - {"api"}


def test_every_state_can_be_reached_and_every_step_of_the_flow_is_a_state():
    states = flow()["States"]
    reached = {flow()["StartAt"]} | {state.get("Next") for state in states.values()}
    reached |= {catch["Next"] for state in states.values() for catch in state.get("Catch", [])}
    reached |= {choice["Next"] for state in states.values() for choice in state.get("Choices", [])}
    reached |= {state.get("Default") for state in states.values()}
    driven = {name for name, properties in functions().items() if not properties.get("Events")}

    assert set(states) == reached - {None}
    chunked = {"embeddings_encode_chunk"}  # the one that many run at once
    assert driven <= set(states) | set(flow("watch")["States"]) | chunked
    assert set(states["embeddings_encode_chunks"]["ItemProcessor"]["States"]) == {"embeddings_encode_chunk"}


@pytest.mark.parametrize("machine", ["flow", "watch"])
def test_every_state_that_works_is_tried_again_and_hands_its_pins_on_when_it_fails(machine):
    for name, state in flow(machine)["States"].items():
        if state["Type"] == "Task":
            assert state["Retry"], name
            assert state["Catch"][-1] == {
                "ErrorEquals": ["States.ALL"],
                "ResultPath": "$.error",
                "Next": "failed",
            }


@pytest.mark.parametrize("machine", ["flow", "watch"])
def test_every_name_that_a_state_machine_leaves_open_is_filled_in(machine):
    text = (REPOSITORY / "infra" / f"{machine}.asl.json").read_text()
    given = template()["Resources"][machine.capitalize()]["Properties"]["DefinitionSubstitutions"]

    assert {part.split("}")[0] for part in text.split("${")[1:]} == set(given)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_may_write_only_below_its_own_stage(name):
    stage = {"recommender": "releases"}.get(name.split("_")[0], name.split("_")[0])
    written = allowed_keys(statements(functions()[name]["Policies"]), "s3:PutObject")

    beyond = {key for key in written if not key.startswith((f"{stage}/", "quarantine/", "runs/job_log/"))}
    # The first stage pins and compacts what listeners of the API told, as it does with all that lands.
    others = {"raw_load_objects": {"timbral.json"}, "raw_pin_tables": {"timbral.json", "api/feedback/*"}}
    # An erasure leaves a listener out of every table, and out of what is served.
    tables = {
        f"*/{part}" for part in ("snapshots/*", "parts/*", "compacted/*", "head.json", "compaction.json")
    }
    # What the API is told of imports is the first stage's to read.
    others["api"] = {
        "raw/connections/spotify/*",
        "raw/listeners/*/jobs.json",
        "raw/listeners/*/sealed/*",
        "raw/providers/aoty/requests/*",
        "raw/providers/spotify/traffic.json",
        "raw/providers/spotify-accounts/traffic.json",
    }
    others["api_erase_listeners"] = tables | {"releases/*"}
    assert beyond <= others.get(name, set()) | (
        {"runs/*", "api/metrics/*"} if name == "recommender_monitor_releases" else set()
    )
