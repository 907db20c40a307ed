"""What holds of every function, queue, schedule, job, log and bucket of the templates."""

import json

import pytest

from tests.deployment import REPOSITORY, function_folders, functions, logical_id, resources, template

NAMES = [folder.name for folder in function_folders()]
LAMBDA = {"Timeout": 900, "MemorySize": 10_240}  # the most that Lambda gives
COMMON = template()["Globals"]["Function"]
PARTS = ["template.yaml", *sorted(f"infra/{path.name}" for path in (REPOSITORY / "infra").glob("*.yaml"))]


def everything(kind):
    """Return all resources of a type, by template and logical id."""
    return {(part, key): one for part in PARTS for key, one in resources(kind, part).items()}


def events(name, kind):
    """Return a function's events of a type."""
    found = functions()[name].get("Events", {}).values()
    return [event["Properties"] for event in found if event["Type"] == kind]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_has_limits_a_share_of_concurrency_a_policy_a_log_and_traces(name):
    properties = functions()[name]

    for setting, most in LAMBDA.items():
        assert 0 < properties.get(setting, COMMON[setting]) <= most
    assert isinstance(properties["ReservedConcurrentExecutions"]["Fn::If"][1], int)
    assert properties["Policies"]
    assert "Role" not in properties
    assert properties["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": f"{logical_id(name)}Logs"},
    }
    assert COMMON["Tracing"] == "Active"
    assert COMMON["Architectures"] == [{"Ref": "Architecture"}]
    assert properties.get("PackageType") == "Image" or properties["Runtime"] == "python3.13"


def test_every_log_is_forgotten_in_time():
    groups = everything("AWS::Logs::LogGroup")

    assert len(groups) > len(NAMES)
    for key, group in groups.items():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, key


@pytest.mark.parametrize("name", [name for name in NAMES if events(name, "SQS")])
def test_a_queue_waits_for_its_function_and_hears_which_messages_failed(name):
    for event in events(name, "SQS"):
        queue = resources("AWS::SQS::Queue")[event["Queue"]["Fn::GetAtt"][0]]["Properties"]
        timeout_s = functions()[name].get("Timeout", COMMON["Timeout"])

        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        # Of a queue in order nothing but its predecessor holds a message up: waiting longer helps nobody.
        assert queue["VisibilityTimeout"] >= timeout_s * (2 if queue.get("FifoQueue") else 6)
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3


def test_every_queue_is_encrypted_and_keeps_what_failed_for_two_weeks():
    for key, queue in resources("AWS::SQS::Queue").items():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True, key
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 86_400, key


def test_every_queue_of_failures_has_an_alarm():
    failures = {key for key in resources("AWS::SQS::Queue") if key.endswith("Failures")}
    watched = {
        dimension["Value"]["Ref"]
        for alarm in resources("AWS::CloudWatch::Alarm", "infra/alarms.yaml").values()
        for dimension in alarm["Properties"].get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }

    assert watched == failures


def test_what_a_schedule_or_a_rule_could_not_start_is_kept():
    machines = resources("AWS::Serverless::StateMachine").values()
    owners = [*functions().values(), *(one["Properties"] for one in machines)]
    scheduled = [
        event["Properties"]
        for owner in owners
        for event in owner.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]
    scheduled += [
        one["Properties"]["Target"]
        for one in resources("AWS::Scheduler::Schedule", "infra/batch.yaml").values()
    ]
    targets = [
        target for one in resources("AWS::Events::Rule").values() for target in one["Properties"]["Targets"]
    ]

    assert len(scheduled) >= 6
    assert all(one["DeadLetterConfig"] and one["RetryPolicy"] for one in scheduled)
    assert targets
    assert all(one["DeadLetterConfig"] for one in targets)


@pytest.mark.parametrize("name", [name for name in NAMES if events(name, "ScheduleV2")])
def test_a_function_that_a_schedule_calls_keeps_what_failed(name):
    kept = functions()[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]

    assert kept == {"Type": "SQS", "Destination": {"Fn::GetAtt": ["ScheduleFailures", "Arn"]}}


def test_what_would_be_missed_outlives_the_stack_and_any_replacement():
    kept = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::ECR::Repository")

    for kind in kept:
        for key, one in everything(kind).items():
            assert one["DeletionPolicy"] == "RetainExceptOnCreate", key
            assert one["UpdateReplacePolicy"] == "Retain", key
    for key, secret in resources("AWS::SecretsManager::Secret").items():
        assert secret["UpdateReplacePolicy"] == "Retain", key
        assert secret["Properties"]["KmsKeyId"] == {"Fn::GetAtt": ["ListenerKey", "Arn"]}, key


def test_the_store_is_versioned_logged_and_tidied_up():
    bucket = resources("AWS::S3::Bucket")["Bucket"]["Properties"]
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    cold = {rule["Prefix"]["Fn::Sub"] for rule in rules.values() if "Transitions" in rule}

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": "AccessLogs"}
    assert rules["forget-what-was-replaced"]["NoncurrentVersionExpiration"]
    assert rules["forget-what-was-replaced"]["AbortIncompleteMultipartUpload"]
    assert cold == {f"${{StorePrefix}}/raw/{place}/" for place in ("inbox", "dumps", "answers")}


def test_the_gateway_lets_in_what_the_contract_says_and_browsers_may_ask_for_it():
    contract = json.loads(
        (REPOSITORY / "layers/timbral/timbral/api/contract/openapi.json").read_text(encoding="utf-8")
    )
    methods = {method.upper() for path in contract["paths"].values() for method in path} - {"PARAMETERS"}
    routes = events("api", "HttpApi")
    gateway = template()["Resources"]["Gateway"]["Properties"]

    assert {route["Method"] for route in routes if route["Path"] == "/{proxy+}"} == methods
    assert set(gateway["CorsConfiguration"]["AllowMethods"]) == methods
    assert gateway["Auth"]["DefaultAuthorizer"] in gateway["Auth"]["Authorizers"]
    assert gateway["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert gateway["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["GatewayLogs", "Arn"]}


def test_every_job_runs_under_a_role_of_its_own_with_a_limit_and_a_retry():
    jobs = resources("AWS::Batch::JobDefinition", "infra/batch.yaml")

    for key, job in jobs.items():
        properties = job["Properties"]
        container = properties["ContainerProperties"]
        assert container["JobRoleArn"] == {"Fn::GetAtt": [f"{key}Role", "Arn"]}
        assert properties["Timeout"]["AttemptDurationSeconds"] <= 12 * 3_600
        # An error of a job's own is 1, and being told to stop is another status (`store.checkpoints`).
        assert properties["RetryStrategy"] == {
            "Attempts": 3,
            "EvaluateOnExit": [{"OnExitCode": "1", "Action": "EXIT"}, {"OnReason": "*", "Action": "RETRY"}],
        }
