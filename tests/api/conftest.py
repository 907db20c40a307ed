"""An application over the planted release, and somebody to ask it."""

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from tests.api.memory_release import MemoryRelease
from timbral.api.application import create_app
from timbral.api.identity import Identity
from timbral.errors import NotFound

LISTENER = "listener000003"


class Shelf:
    """A release source whose release and time a test can change."""

    def __init__(self, view):
        self.view = view
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def current(self):
        if self.view is None:
            msg = "no release is served yet"
            raise NotFound(msg)
        return self.view

    def __call__(self):
        return self.now


@pytest.fixture(scope="session")
def view():
    return MemoryRelease()


@pytest.fixture
def shelf(view):
    return Shelf(view)


@pytest.fixture
def app(shelf):
    return create_app(shelf, Identity(development=True), shelf)


@pytest.fixture
def ask(app):
    return client_of(app, LISTENER)


@pytest.fixture
def newcomer(app):
    return client_of(app, "somebody-new")


def client_of(app, listener=None):
    """Return a client on this machine; it never hides a failure of the server."""
    headers = {"Authorization": f"Bearer dev:{listener}"} if listener else {}
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000), headers=headers)
