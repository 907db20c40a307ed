"""What only a deployment can show: asked of a stack that is there, named in TIMBRAL_STACK.

Permissions as IAM itself judges them, the gateway's authorizer, the API's alias, and the flow with its jobs.
"""

import json
import os
import time
import uuid

import httpx
import pytest

from tests.api.gateway_events import gateway_event

STACK = os.environ.get("TIMBRAL_STACK")
pytestmark = pytest.mark.skipif(not STACK, reason="TIMBRAL_STACK names no deployed stack")
PLAYS = b"artist,track,uts\nNina Simone,Sinnerman,1700000000\nCan,Vitamin C,1700000300\n"
LONGEST_RUN_S = 3_600


@pytest.fixture(scope="module")
def client():
    """Make a client of a service in the stack's region, with the credentials at hand."""
    boto3 = pytest.importorskip("boto3")
    return lambda service: boto3.client(service, region_name=os.environ["AWS_REGION"])


@pytest.fixture(scope="module")
def outputs(client):
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


@pytest.fixture(scope="module")
def physical(client):
    """Names of the stack's resources, by logical id."""
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = [one for page in pages for one in page["StackResourceSummaries"]]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}


def test_health_answers_to_anybody(outputs):
    assert httpx.get(f"{outputs['ApiAddress']}/healthz", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer dev:ada"}, {"authorization": "Bearer a.b.c"}]
)
def test_the_gateway_lets_nobody_in_without_a_token_of_the_issuer(outputs, headers):
    assert httpx.get(f"{outputs['ApiAddress']}/recs/home", headers=headers, timeout=30).status_code == 401


def test_the_api_finds_a_sample_track_for_somebody_whom_the_gateway_vouches_for(client, physical):
    event = gateway_event("POST", "/search", listener="smoke", body={"query": "sinnerman"})

    answer = client("lambda").invoke(
        FunctionName=physical["Api"], Qualifier="live", Payload=json.dumps(event).encode()
    )

    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    assert body["statusCode"] in {200, 503}, body  # 503 before the first release


@pytest.mark.parametrize(
    "case",
    [
        ("RecommenderPublishRelease", "releases/current.json", "allowed"),
        ("CoreMapTracks", "releases/current.json", "implicitDeny"),
        ("CoreMapTracks", "raw/user_scrobbles_raw/parts/x", "implicitDeny"),
        ("CoreMapTracks", "core/tracks_core/parts/x", "allowed"),
        ("Api", "core/tracks_core/parts/x", "implicitDeny"),
    ],
)
def test_iam_itself_judges_as_the_tests_do(client, physical, outputs, case):
    function, key, decision = case
    role = client("lambda").get_function_configuration(FunctionName=physical[function])["Role"]
    resource = outputs["StoreRoot"].replace("s3://", "arn:aws:s3:::") + f"/{key}"

    answer = client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["s3:PutObject"], ResourceArns=[resource]
    )

    assert answer["EvaluationResults"][0]["EvalDecision"] == decision


def test_jobs_are_tried_again_when_their_capacity_is_taken_but_not_after_an_error(client):
    found = client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    ours = [one for one in found if "batch.recommender_train.job" in one["containerProperties"]["command"]]

    assert ours
    for one in ours:
        assert one["retryStrategy"]["attempts"] == 3
        assert one["retryStrategy"]["evaluateOnExit"][0] == {"onExitCode": "1", "action": "exit"}


@pytest.mark.slow
def test_a_file_in_the_inbox_is_brought_as_far_as_vectors(client, outputs):
    """It adds two plays of a listener who is called for this test; the first run also makes the models."""
    bucket, _, prefix = outputs["StoreRoot"].removeprefix("s3://").partition("/")
    key = f"{prefix}/raw/inbox/smoke-{uuid.uuid4().hex[:8]}/plays.csv"
    client("s3").put_object(Bucket=bucket, Key=key, Body=PLAYS)
    time.sleep(60)  # by the queue into the tables

    states = client("stepfunctions")
    run = states.start_execution(stateMachineArn=outputs["FlowArn"], input='{"only": "news"}')["executionArn"]
    ends_at_s = time.monotonic() + LONGEST_RUN_S
    while (found := states.describe_execution(executionArn=run))["status"] == "RUNNING":
        assert time.monotonic() < ends_at_s, "the run has not ended"
        time.sleep(15)

    assert found["status"] == "SUCCEEDED", found.get("cause")
