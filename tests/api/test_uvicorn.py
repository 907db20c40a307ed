import socket
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import uvicorn


@contextmanager
def listening_on(app):
    """Serve an application on loopback; yield its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def served(app):
    with listening_on(app) as address:
        yield address


def test_a_developer_is_served_over_a_real_connection(served):
    with httpx.Client(base_url=served, headers={"Authorization": "Bearer dev:listener000003"}) as client:
        page = client.get("/recs/home")
        again = client.get("/recs/home", headers={"If-None-Match": page.headers["etag"]})
        large = client.post("/search", content=b" " * 1_000_000, headers={"Content-Type": "application/json"})
        stranger = client.get("/recs/home", headers={"X-Forwarded-For": "192.0.2.7"})

    assert page.status_code == 200
    assert page.headers["content-encoding"] == "gzip"
    assert len(page.json()["carousels"]) == 5
    assert again.status_code == 304
    assert large.status_code == 413
    assert stranger.status_code == 401
