import subprocess
import sys

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


def test_the_application_imports_nothing_that_only_some_requests_need():
    code = (
        "import sys, timbral.api.application, timbral.api.gateway; "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
