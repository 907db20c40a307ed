"""An S3 server on loopback, spoken to over HTTP by every client: Rust, C++ and Python."""

import io
import logging
from contextlib import contextmanager

import pytest
from moto.s3.models import FakeKey
from moto.server import ThreadedMotoServer


@contextmanager
def s3_server():
    """Run one; give its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeKey, "__deepcopy__", _as_listed, raising=False)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


def _as_listed(key, _memo):
    """Copy what a list of versions says of an object, and not what is in it.

    The server copies each object of a bucket for each page of such a list, and keeps the copies: fifty pages
    of one release were 46 GB on the disk.
    """
    assert key.etag  # worked out of what is in it
    listed = object.__new__(FakeKey)
    listed.__dict__ = key.__dict__ | {"_value_buffer": io.BytesIO(), "multipart": None, "disposed": True}
    return listed
