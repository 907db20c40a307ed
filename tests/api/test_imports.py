import os
import subprocess
import sys

import pytest

from tests.deployment import REPOSITORY

HEAVY = (
    "numpy",
    "pandas",
    "strawberry",
    "httpx2",
    "jwt",
    "lancedb",
    "pyarrow",
    "onnxruntime",
    "duckdb",
    "boto3",
    "obstore",
    "tokenizers",
    "rapidfuzz",
)


HEALTH = """
from tests.api.gateway_events import gateway_event
from timbral import wiring

assert wiring.api_handler()(gateway_event("GET", "/healthz"), None)["statusCode"] == 200
"""


@pytest.mark.parametrize("code", ["import timbral.api.application, timbral.api.gateway", HEALTH])
def test_nothing_is_imported_that_only_some_requests_need(code, tmp_path):
    code += f"\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "TIMBRAL_STORE_ROOT": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=REPOSITORY,
    )

    assert done.stdout.strip() == "[]"
