"""Functions in process, each invocation as if on a machine of its own, over an S3 server."""

import importlib.util
import json
import uuid
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pytest

from tests.deployment import FUNCTIONS, allowed_keys, functions, statements

PREFIX = "main"
READS = ("get", "get_tagged", "exists", "fetch")
WRITES = ("put", "create", "replace", "put_file")
DELETES = ("delete",)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its invocation."""

    function_name: str
    memory_limit_in_mb: int = 3008
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def invoked_function_arn(self):
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self):
        return 900_000


class Watched:
    """An object store that refuses what a function's policy doesn't allow."""

    def __init__(self, objects, reads, writes, deletes=()):
        self._objects = objects
        self._allowed = dict.fromkeys(READS, reads) | dict.fromkeys(WRITES, writes)
        self._allowed |= dict.fromkeys(DELETES, deletes)

    def __getattr__(self, name):
        method = getattr(self._objects, name)
        if name not in self._allowed:
            return method

        def checked(named, *rest, **options):
            patterns = self._allowed[name]
            for key in [named] if isinstance(named, str) else named:
                is_allowed = any(fnmatchcase(key, pattern) for pattern in patterns)
                assert is_allowed, f"{name} {key}: only {patterns}"
            return method(named, *rest, **options)

        return checked


class Deployment:
    """Functions of the template over one bucket."""

    def __init__(self, bucket):
        self.bucket = bucket
        self.root = f"s3://{bucket}/{PREFIX}"

    def services(self):
        """Return what a new process would have."""
        from timbral import wiring

        wiring.services.cache_clear()
        wiring.api_handler.cache_clear()
        return wiring.services()

    def invoke(self, name, event):
        """Send a function an event and return its answer, both as the JSON that they travel as."""
        services = self.services()
        allowed = statements(functions()[name]["Policies"])
        own = [allowed_keys(allowed, f"s3:{action}Object") for action in ("Get", "Put", "Delete")]
        vars(services)["objects"] = Watched(services.objects, *own)
        answer = load_handler(name)(json.loads(json.dumps(event)), Context(name))
        return json.loads(json.dumps(answer))


def load_handler(name):
    """Load a function's handler afresh, as a cold start does."""
    spec = importlib.util.spec_from_file_location(f"handler_of_{name}", FUNCTIONS / name / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


@pytest.fixture
def deployment(bucket, s3_options, monkeypatch):
    """A deployment over a fresh bucket."""
    from timbral import wiring

    deployed = Deployment(bucket)
    monkeypatch.setenv("TIMBRAL_STORE_ROOT", deployed.root)
    monkeypatch.setenv("TIMBRAL_S3_ENDPOINT", s3_options["endpoint"])
    monkeypatch.setenv("TIMBRAL_S3_REGION", s3_options["region"])
    monkeypatch.setenv("TIMBRAL_ANSWERS_LAND_BY_EVENTS", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_options["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_options["secret_access_key"])
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "timbral")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Timbral")
    yield deployed
    wiring.services.cache_clear()
