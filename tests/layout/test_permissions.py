"""What the templates allow: every policy of theirs, held to least privilege."""

import json
from fnmatch import fnmatchcase

import pytest

from tests.deployment import REPOSITORY, allowed_keys, functions, resources, statements, template

TEMPLATES = ["template.yaml", *sorted(f"infra/{path.name}" for path in (REPOSITORY / "infra").glob("*.yaml"))]
OWN_POLICY = {"AWS::KMS::Key": "KeyPolicy"}  # its only resource is the key that it stands in


def documents(name):
    """Yield each policy document of a template: logical id, type, document."""
    for key, resource in template(name)["Resources"].items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        found = [policy.get("PolicyDocument", policy) for policy in properties.get("Policies", [])]
        found += [properties[field] for field in ("PolicyDocument", "KeyPolicy") if field in properties]
        yield from ((key, kind, document) for document in found)


def every_statement():
    return [
        pytest.param(kind, statement, id=f"{name}-{key}-{number}")
        for name in TEMPLATES
        for key, kind, document in documents(name)
        for number, statement in enumerate(statements([document]))
    ]


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("kind", "statement"), every_statement())
def test_no_statement_allows_more_than_it_names(kind, statement):
    if statement["Effect"] == "Deny":
        return

    assert not any(action.endswith("*") for action in listed(statement["Action"]))
    if "*" in listed(statement["Resource"]) and kind not in OWN_POLICY:
        assert "KnowsNoOtherResource" in statement["Sid"]
    if statement.get("Principal", {}) in ("*", {"AWS": "*"}):
        assert "kms:CallerAccount" in statement["Condition"]["StringEquals"]
    if (
        isinstance(statement.get("Principal"), dict)
        and "Service" in statement["Principal"]
        and kind != "AWS::IAM::Role"
    ):
        assert statement["Condition"]


def test_only_publishing_and_an_erasure_move_the_pointer():
    writers = {
        name
        for name, properties in functions().items()
        if any(
            fnmatchcase("releases/current.json", pattern)
            for pattern in allowed_keys(statements(properties["Policies"]), "s3:PutObject")
        )
    }
    jobs = [
        resource["Fn::Sub"]
        for role in resources("AWS::IAM::Role", "infra/batch.yaml").values()
        for policy in role["Properties"]["Policies"]
        for statement in statements([policy["PolicyDocument"]])
        if "s3:PutObject" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]

    assert writers == {"recommender_publish_release", "api_erase_listeners"}
    assert not [resource for resource in jobs if resource.endswith(("releases/*", "current.json"))]


def test_every_bucket_is_encrypted_private_and_spoken_to_over_tls():
    buckets, policies = resources("AWS::S3::Bucket"), resources("AWS::S3::BucketPolicy").values()

    for key, bucket in buckets.items():
        properties = bucket["Properties"]
        assert all(properties["PublicAccessBlockConfiguration"].values()), key
        assert properties["BucketEncryption"], key
        (policy,) = [one for one in policies if one["Properties"]["Bucket"] == {"Ref": key}]
        refusals = [
            one for one in statements([policy["Properties"]["PolicyDocument"]]) if one["Effect"] == "Deny"
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [one["Condition"] for one in refusals], key


def test_the_store_is_under_a_key_that_is_changed_every_year():
    (rule,) = template()["Resources"]["Bucket"]["Properties"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]

    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {"Fn::GetAtt": ["ListenerKey", "Arn"]}
    assert template()["Resources"]["ListenerKey"]["Properties"]["EnableKeyRotation"] is True


def test_every_queue_of_work_has_one_for_what_fails():
    queues = resources("AWS::SQS::Queue")
    failures = {
        json.dumps(one["Properties"].get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        for one in queues.values()
    }

    for key, queue in queues.items():
        is_target = json.dumps({"Fn::GetAtt": [key, "Arn"]}) in failures or key.endswith("Failures")
        assert is_target or "RedrivePolicy" in queue["Properties"], key
