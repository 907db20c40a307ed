"""Step Functions and queues as moto interprets them, with our own functions and jobs behind them.

The interpreter runs in this process. At its one seam to other services, the function that makes it a client,
it is given clients that call functions' handlers and jobs' code here; S3 alone is spoken to over HTTP.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_batch,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_batch import (
    StateTaskServiceBatch,
)

SEAMS = (lambda_eval_utils, state_task_service_aws_sdk, state_task_service_batch)
ROLE = "arn:aws:iam::123456789012:role/flow"


class Functions:
    """Stands for the client of Lambda.

    Args:
        invoke: Sends a function an event and returns its answer; what it raises is the function's error.
        at_once: How many may run at once; in this process one, for it has one environment.
    """

    def __init__(self, invoke: Callable[[str, Any], Any], at_once: int = 1) -> None:
        self._invoke = invoke
        self._places = threading.Semaphore(at_once)

    def invoke(self, FunctionName: str, Payload: bytes, **_rest: Any) -> dict[str, Any]:  # noqa: N803  boto's names
        """Answer as Lambda does: an error is an answer too."""
        answer: dict[str, Any] = {"StatusCode": 200}
        with self._places:
            try:
                body = self._invoke(FunctionName, json.loads(Payload))
            except Exception as error:  # noqa: BLE001  whatever a function raises, Lambda answers with it
                body = {"errorType": type(error).__name__, "errorMessage": str(error)}
                answer["FunctionError"] = "Unhandled"
        return answer | {"Payload": io.BytesIO(json.dumps(body).encode())}


class Jobs:
    """Stands for the client of Batch: a job is done by the time that it is submitted.

    Args:
        run: Runs a job with its parameters and returns its exit status.
    """

    def __init__(self, run: Callable[[str, Mapping[str, str]], int]) -> None:
        self._run = run
        self._statuses: dict[str, str] = {}

    def submit_job(self, **given: Any) -> dict[str, str]:
        """Run a job."""
        code = self._run(given["jobDefinition"], given.get("parameters", {}))
        job = f"job-{len(self._statuses)}"
        self._statuses[job] = "FAILED" if code else "SUCCEEDED"
        return {"JobId": job, "JobName": given["jobName"]}

    def describe_jobs(self, jobs: list[str]) -> dict[str, Any]:
        """Say how jobs ended."""
        return {"jobs": [{"jobId": job, "status": self._statuses[job]} for job in jobs]}


class StateMachine:
    """A state machine of the deployment, interpreted.

    Args:
        endpoint: Address of the moto server, in this process.
        definition: In Amazon's States Language, with its names filled in.
        clients: By service, what the interpreter is given to speak to it.
        patch: pytest's ``monkeypatch``.
    """

    def __init__(
        self, endpoint: str, definition: dict[str, Any], clients: dict[str, Any], patch: Any
    ) -> None:
        for seam in SEAMS:
            patch.setattr(seam, "boto_client_for", lambda service, **_rest: clients[service])
        # The service calls its own parameters and answers in other letters than its client does.
        patch.setattr(StateTaskServiceBatch, "_normalise_parameters", _lower_parameters)
        patch.setattr(StateTaskServiceBatch, "_normalise_response", lambda *_rest, **_named: None)
        patch.setitem(
            state_task_service_aws_sdk._SERVICE_ERROR_NAMES, "s3", "S3"
        )  # errors are named in capitals
        _configure(endpoint, {"stepfunctions": {"execute_state_machine": True}})
        self._client = boto3.client(
            "stepfunctions",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="invented",
            aws_secret_access_key="invented",
        )
        name = f"flow-{time.time_ns()}"
        made = self._client.create_state_machine(
            name=name, definition=json.dumps(_hasty(definition)), roleArn=ROLE
        )
        self.arn = made["stateMachineArn"]

    def run(self, event: Mapping[str, Any], name: str, timeout_s: float = 240) -> "Execution":
        """Execute it to its end."""
        started = self._client.start_execution(stateMachineArn=self.arn, name=name, input=json.dumps(event))
        arn, ends_at_s = started["executionArn"], time.monotonic() + timeout_s
        while (found := self._client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < ends_at_s, "the execution has not ended"
            time.sleep(0.1)
        history = self._client.get_execution_history(executionArn=arn, maxResults=1_000)["events"]
        return Execution(found, history)


class Execution:
    """How an execution went.

    Args:
        found: As the service describes it.
        history: Its events.
    """

    def __init__(self, found: Mapping[str, Any], history: list[Any]) -> None:
        self.status: str = found["status"]
        self.output = json.loads(found["output"]) if "output" in found else None
        self.error = (found.get("error"), found.get("cause"))
        entered = [event.get("stateEnteredEventDetails") for event in history]
        self.states = [details["name"] for details in entered if details]


def filled_in(text: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Fill a definition's names in, as SAM does."""
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
    return json.loads(text)


def _hasty(value: Any) -> Any:
    """Wait a second where the deployment waits longer."""
    if isinstance(value, list):
        return [_hasty(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: 1 if key == "IntervalSeconds" else _hasty(item) for key, item in value.items()}


def _lower_parameters(_service: Any, parameters: dict[str, Any], **_named: Any) -> None:
    lowered = {key[0].lower() + key[1:]: value for key, value in parameters.items()}
    parameters.clear()
    parameters.update(lowered)


def _configure(endpoint: str, settings: dict[str, Any]) -> None:
    request = Request(f"{endpoint}/moto-api/config", json.dumps(settings).encode(), method="POST")  # noqa: S310  a loopback address
    with urlopen(request) as answer:  # noqa: S310  as above
        assert answer.status == 201
