"""What CloudFormation gets to see: the template as SAM translates it, which is another than the one written.

SAM's translator has an environment of its own, as it pins other versions; without it these are skipped.
"""

import json
import subprocess
from collections import Counter

import cfnlint.api
import pytest
from cfnlint.config import ManualArgs

from tests.deployment import REPOSITORY, functions, template

SAM_PYTHON = REPOSITORY / ".venv-sam/bin/python"
PROGRAM = """
import json, sys
from types import SimpleNamespace
from samtranslator.translator.transform import transform
told = json.load(sys.stdin)
print(json.dumps(transform(told["template"], told["values"], SimpleNamespace(load=dict))))
"""
BUILT = {  # what `sam build` and `sam package` put in the place of sources
    "CodeUri": "s3://code/function.zip",
    "ContentUri": "s3://code/layer.zip",
    "ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/timbral:1",
    "TemplateURL": "https://code.s3.amazonaws.com/part.yaml",
}
GIVEN = {"JwtIssuer": "https://id.example", "JwtAudience": "timbral"}
INLINED = "W2001"  # parameters that decide the translation itself aren't seen in what comes of it


@pytest.fixture(scope="module")
def translated():
    """The template as CloudFormation gets it."""
    if not SAM_PYTHON.exists():
        pytest.skip("SAM's translator isn't there: `make .venv-sam/.ready`")
    written = json.loads(json.dumps(template()))
    for resource in written["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {name: BUILT[name] for name in BUILT if name in properties}
        if properties.get("PackageType") == "Image":
            properties["ImageUri"] = BUILT["ImageUri"]
        if "DefinitionUri" in properties:
            properties["Definition"] = json.loads((REPOSITORY / properties.pop("DefinitionUri")).read_text())
    values = {name: one.get("Default", GIVEN.get(name)) for name, one in written["Parameters"].items()}
    done = subprocess.run(
        [SAM_PYTHON, "-c", PROGRAM],
        check=False,
        env={"AWS_DEFAULT_REGION": "eu-west-1"},
        input=json.dumps({"template": written, "values": values}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


def test_nothing_is_wrong_with_it_and_nothing_needs_itself(translated):
    ignored = ManualArgs(ignore_checks=[INLINED], regions=["eu-west-1"])

    found = cfnlint.api.lint(json.dumps(translated), config=ignored)

    assert [f"{match.rule.id} {match.message}" for match in found] == []


def test_it_has_every_function_under_a_role_of_its_own(translated):
    resources = translated["Resources"].values()
    roles = Counter(
        json.dumps(one["Properties"]["Role"]) for one in resources if one["Type"] == "AWS::Lambda::Function"
    )

    assert len(roles) == len(functions())
    assert set(roles.values()) == {1}


def test_no_role_gets_more_of_aws_own_than_to_write_logs_and_traces(translated):
    given = {
        policy.rsplit("/", 1)[-1]
        for one in translated["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
        for policy in one["Properties"].get("ManagedPolicyArns", [])
        if isinstance(policy, str)
    }

    of_sources = {"AWSLambdaSQSQueueExecutionRole"}
    of_canaries = {"AWSCodeDeployRoleForLambda"}
    assert given <= {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"} | of_sources | of_canaries


def test_whoever_calls_without_a_token_gets_no_further_than_health_and_documentation(translated):
    paths = translated["Resources"]["Gateway"]["Properties"]["Body"]["paths"]
    security = {
        (path, method): next(iter(found["security"][0]))
        for path, methods in paths.items()
        for method, found in methods.items()
    }

    assert {path for (path, _), scheme in security.items() if scheme == "NONE"} == {
        "/healthz",
        "/docs",
        "/openapi.json",
    }
    assert all(scheme in {"NONE", "Listener"} for scheme in security.values())


def test_a_new_version_takes_over_by_degrees_and_alarms_take_it_back(translated):
    resources = translated["Resources"]
    group = resources["ApiDeploymentGroup"]["Properties"]
    alias = resources["ApiAliaslive"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {
        "Ref": "ApiDeploymentGroup"
    }
    assert {one["Name"]["Ref"] for one in group["AlarmConfiguration"]["Alarms"]} == {
        "ApiFails",
        "ApiAnswersWithErrors",
        "ApiIsSlow",
    }
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert resources["Gateway"]["Properties"]["Body"]["paths"]["/{proxy+}"]["get"][
        "x-amazon-apigateway-integration"
    ]["uri"]["Fn::Sub"].endswith("${ApiAliaslive}/invocations")
