"""Errors as RFC 9457 problem details: a stable type, the field, what is allowed, never an echo."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from timbral.api.contract.problem import FieldProblem, Problem
from timbral.errors import InvalidRequest, SourceBusy, TimbralError, TooSoon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

LOGGER = logging.getLogger("timbral.api")
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:timbral:problem:"
LONGEST_FIELD = 80
MOST_FIELDS = 20
SLUGS = {
    400: "malformed-body",
    404: "no-such-route",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}
DETAILS = {
    "malformed-body": "The body is not JSON in UTF-8.",
    "no-such-route": "There is nothing at this address; /openapi.json lists what there is.",
    "method-not-allowed": "This address doesn't take that method; the Allow header lists those it takes.",
    "unsupported-media-type": "The body must be application/json.",
}


class Unauthorized(TimbralError):  # noqa: N818  named after the problem, like all in timbral.errors
    """Nobody has vouched for who is asking."""

    status = 401
    slug = "unauthorized"


class Forbidden(TimbralError):  # noqa: N818  named after the problem, like all in timbral.errors
    """Whoever asks is known, and may not."""

    status = 403
    slug = "forbidden"


class CursorStale(TimbralError):  # noqa: N818  named after the problem, like all in timbral.errors
    """The cursor was made for another release, day or question; the caller starts over."""

    status = 410
    slug = "cursor-stale"


class NotReady(TimbralError):  # noqa: N818  named after the problem, like all in timbral.errors
    """No release has been published yet."""

    status = 503
    slug = "not-ready"


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with a problem; it is never kept in a cache."""
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def problem(slug: str, status: int, detail: str, **more: Any) -> Problem:
    """Build a problem.

    Args:
        slug: Stable last part of its type.
        status: HTTP status.
        detail: One sentence for a developer.
        **more: ``field`` and ``errors``.
    """
    title = slug.replace("-", " ").capitalize()
    return Problem(type=f"{TYPE_PREFIX}{slug}", title=title, status=status, detail=detail, **more)


def refusal(error: TimbralError | HTTPException) -> JSONResponse:
    """Turn an error that somebody foresaw into an answer."""
    return from_error(error) if isinstance(error, TimbralError) else from_http(error)


def from_error(error: TimbralError) -> JSONResponse:
    """Turn one of our own errors into an answer; what is the server's fault stays in the log."""
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        LOGGER.error("%s: %s", error.slug, error, exc_info=error)
        return problem_response(problem(error.slug, error.status, "Something went wrong on our side."))
    headers: dict[str, str] = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, SourceBusy | TooSoon):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    field = error.field if isinstance(error, InvalidRequest) else None
    return problem_response(problem(error.slug, error.status, sentence(str(error)), field=field), headers)


def from_validation(error: RequestValidationError) -> JSONResponse:
    """Turn what the contract refused into an answer that names each field and what is allowed."""
    fields = [
        FieldProblem(field=field_name(one["loc"]), detail=sentence(allowed(one)))
        for one in error.errors()[:MOST_FIELDS]
    ]
    detail = f"{fields[0].field}: {fields[0].detail}"
    return problem_response(problem("invalid-request", 400, detail, field=fields[0].field, errors=fields))


def from_http(error: HTTPException) -> JSONResponse:
    """Turn what the framework refused into an answer."""
    slug = SLUGS.get(error.status_code, f"http-{error.status_code}")
    detail = DETAILS.get(slug, str(error.detail))
    return problem_response(problem(slug, error.status_code, detail), error.headers)


def allowed(error: Mapping[str, Any]) -> str:
    """Say what is allowed, from a validation error; the value itself is never repeated."""
    match error["type"]:
        case "extra_forbidden":
            return "there is no such field"
        case "json_invalid":
            return "the body is not JSON"
        case "string_unicode":
            return "must be text that UTF-8 can hold, without lone surrogates"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return str(error["msg"]).replace("Input should", "must")


def field_name(location: tuple[int | str, ...]) -> str:
    """Name a field as ``query.limit`` or ``body.seeds.3``, in printable ASCII, cut where it is long."""
    name = ".".join(str(part) for part in location)
    printable = name.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(sign if sign.isprintable() else "?" for sign in printable)[:LONGEST_FIELD]


def sentence(text: str) -> str:
    """Give a message its capital and its full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def answer_with_problems(app: FastAPI) -> None:
    """Make an application answer every failure with a problem."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        return from_error(error) if isinstance(error, TimbralError) else unforeseen(error)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        return from_validation(error) if isinstance(error, RequestValidationError) else unforeseen(error)

    async def refused(_: Request, error: Exception) -> JSONResponse:
        return from_http(error) if isinstance(error, HTTPException) else unforeseen(error)

    async def broken(_: Request, error: Exception) -> JSONResponse:
        return unforeseen(error)

    app.add_exception_handler(TimbralError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)


def unforeseen(error: Exception) -> JSONResponse:
    """Answer a failure that nobody foresaw, without a word about what it was."""
    LOGGER.error("unforeseen failure", exc_info=error)
    return problem_response(problem("internal", 500, "Something went wrong on our side."))
