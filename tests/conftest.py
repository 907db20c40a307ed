"""Fixtures that any test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no counterexample, and the same commit tries the same examples everywhere.
settings.register_profile("timbral", deadline=None, derandomize=True)
settings.load_profile("timbral")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of real music data for development; it is not part of the project."""
    folder = Path(os.environ.get("TIMBRAL_REALDATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"there is no real data at {folder} (set TIMBRAL_REALDATA)")
    return folder


@pytest.fixture(scope="session")
def s3_endpoint():
    """Address of an S3 server on loopback."""
    from tests.s3_server import s3_server

    with s3_server() as address:
        yield address


@pytest.fixture
def s3_options(s3_endpoint):
    """Options for a client of the S3 server, with invented credentials."""
    return {
        "endpoint": s3_endpoint,
        "region": "us-east-1",
        "access_key_id": "invented",
        "secret_access_key": "invented",
    }


@pytest.fixture
def client(s3_options):
    """Make a client of a service."""

    def make(service):
        import boto3

        return boto3.client(
            service,
            endpoint_url=s3_options["endpoint"],
            region_name=s3_options["region"],
            aws_access_key_id=s3_options["access_key_id"],
            aws_secret_access_key=s3_options["secret_access_key"],
        )

    return make


@pytest.fixture
def bucket(s3_options):
    """A fresh bucket."""
    import uuid

    import boto3

    name = f"timbral-{uuid.uuid4().hex}"
    client = boto3.client(
        "s3",
        endpoint_url=s3_options["endpoint"],
        region_name=s3_options["region"],
        aws_access_key_id=s3_options["access_key_id"],
        aws_secret_access_key=s3_options["secret_access_key"],
    )
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["memory", "folder", "s3"])
def objects(request, tmp_path):
    """The object store in each of its shapes; a test that asks for it runs on all three."""
    from timbral.store.obstore_objects import open_objects

    if request.param == "memory":
        return open_objects("memory://")
    if request.param == "folder":
        return open_objects(str(tmp_path / "store"))
    name = request.getfixturevalue("bucket")
    return open_objects(f"s3://{name}/tenant", request.getfixturevalue("s3_options"))


@pytest.fixture
def tables(objects, tmp_path):
    """Tables over the object store, in each of its shapes."""
    from timbral.store.tables import Tables

    return Tables(objects, tmp_path / "scratch")


@pytest.fixture
def folder_tables(tmp_path):
    """Tables over a folder."""
    from timbral.store.obstore_objects import open_objects
    from timbral.store.tables import Tables

    return Tables(open_objects(str(tmp_path / "store")), tmp_path / "scratch")
