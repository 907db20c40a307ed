import asyncio
import threading

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tests.api.gateway_events import gateway_event
from timbral.api.gateway import lambda_handler
from timbral.api.straight import ask, finish, whole_body


async def never_waits():
    return "done"


async def waits():
    await asyncio.sleep(0)


def dependants(dependant: Dependant):
    yield dependant
    for own in dependant.dependencies:
        yield from dependants(own)


def test_a_coroutine_that_never_waits_is_driven_to_its_end_without_a_loop():
    assert finish(never_waits()) == "done"


def test_one_that_waits_is_refused():
    with pytest.raises(RuntimeError, match="must not wait"):
        finish(waits())


def test_no_route_and_no_dependency_is_handed_to_a_thread_by_the_framework(app):
    routes = [route for route in flat(app.routes) if isinstance(route, APIRoute)]
    plain = [
        one.call
        for route in routes
        for one in dependants(route.dependant)
        if not asyncio.iscoroutinefunction(one.call)
    ]

    assert len(routes) > 10
    assert plain == []


def flat(routes):
    for route in routes:
        yield route
        yield from flat(getattr(route, "routes", []))
        yield from flat(getattr(getattr(route, "original_router", None), "routes", []))


def test_lambda_answers_in_its_own_thread(shelf, app, monkeypatch):
    seen = []
    current = shelf.current
    monkeypatch.setattr(shelf, "current", lambda: seen.append(threading.current_thread()) or current())

    answer = lambda_handler(app)(gateway_event("GET", "/taste/summary", listener="somebody"), None)

    assert answer["statusCode"] == 200
    assert seen == [threading.main_thread()]


def test_a_server_answers_in_threads_apart_and_no_more_than_are_allowed(shelf, app, monkeypatch):
    at_work, most = [], []
    both = threading.Barrier(2, timeout=10)
    current = shelf.current

    def slowly():
        at_work.append(threading.current_thread())
        most.append(len(at_work))
        both.wait()
        at_work.pop()
        return current()

    app._threads.total_tokens = 2
    monkeypatch.setattr(shelf, "current", slowly)
    answers = asyncio.run(ask_at_once(app, 6))

    assert [answer.status_code for answer in answers] == [200] * 6
    assert max(most) == 2
    assert threading.main_thread() not in at_work


async def ask_at_once(app, count):
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50_000))
    headers = {"Authorization": "Bearer dev:somebody"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=headers
    ) as client:
        return await asyncio.gather(*(client.get("/taste/summary") for _ in range(count)))


def test_of_a_body_without_an_end_only_so_much_is_read_that_it_can_be_refused():
    received = []

    async def endless():
        received.append(1)
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    assert len(asyncio.run(whole_body(endless, 1_000))) == 1_200
    assert len(received) == 3


def test_what_an_application_has_told_counts_though_it_fails_in_the_end():
    async def application(scope, receive, send):
        del scope
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 500, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body"})
        raise RuntimeError("told already")

    assert ask(application, {"type": "http"}, b"echo") == (500, [(b"x", b"y")], b"echo")


def test_an_application_that_fails_without_a_word_fails():
    async def silent(*_given):
        raise RuntimeError("broken before the first word")

    with pytest.raises(RuntimeError, match="first word"):
        ask(silent, {"type": "http"}, b"")
