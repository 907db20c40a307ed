"""One GraphQL request answered: read, checked, reckoned, executed."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, parse, validate
from graphql.language import OperationDefinitionNode, OperationType

from timbral.api.graph.limits import check_limits
from timbral.api.graph.schema import SCHEMA
from timbral.api.graph.tracks import context_of
from timbral.api.problems import TYPE_PREFIX
from timbral.errors import InvalidRequest, TimbralError

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.api.asking import Asking
    from timbral.api.contract.requests import GraphqlRequest

LOGGER = logging.getLogger("timbral.api")
MOST_TOKENS = 2_000


def answer_graph(
    asked: Asking, request: GraphqlRequest, has_moved: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Answer a request.

    Args:
        asked: What it is answered from.
        request: The query.
        has_moved: Tells whether what it is answered from is served no more.

    Returns:
        ``data`` and, if something failed, ``errors`` with the problem's type and field.

    Raises:
        InvalidRequest: The query is no query of this schema, too deep or too costly.
        Exception: A resolver's, if the release has moved: then the whole request is answered anew.
    """
    variables = request.variables or {}
    _check(request.query, variables)
    done = asyncio.run(
        SCHEMA.execute(
            request.query,
            variable_values=variables,
            context_value=context_of(asked),
            operation_name=request.operationName,
        )
    )
    found: dict[str, Any] = {"data": done.data}
    if done.errors:
        broken = [error.original_error for error in done.errors if _is_ours(error.original_error)]
        if broken and broken[0] is not None and has_moved():
            raise broken[0]
        found["errors"] = [_problem(error) for error in done.errors]
    return found


def _check(query: str, variables: dict[str, Any]) -> None:
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
    except (GraphQLError, RecursionError) as error:
        why = error.message if isinstance(error, GraphQLError) else "it is too deep"
        msg = f"the query can't be read: {why}"
        raise InvalidRequest(msg, "body.query") from error
    faults = validate(SCHEMA._schema, document, max_errors=5)  # noqa: SLF001  the schema that strawberry executes
    if faults:
        msg = f"the query doesn't fit the schema: {faults[0].message}"
        raise InvalidRequest(msg, "body.query")
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if any(one.operation != OperationType.QUERY for one in operations):
        msg = "there are queries only"
        raise InvalidRequest(msg, "body.query")
    check_limits(document, variables)


def _is_ours(cause: Exception | None) -> bool:
    """Return whether a failure is the server's own fault."""
    return cause is not None and not (
        isinstance(cause, TimbralError) and cause.status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _problem(error: GraphQLError) -> dict[str, Any]:
    """Write an error with our own problem's type; what nobody foresaw stays in the log."""
    cause = error.original_error
    if not _is_ours(cause):
        slug = cause.slug if isinstance(cause, TimbralError) else "invalid-request"
        extensions = {"type": f"{TYPE_PREFIX}{slug}"}
        if isinstance(cause, InvalidRequest) and cause.field:
            extensions["field"] = cause.field
        return {"message": error.message, "path": error.path, "extensions": extensions}
    LOGGER.error("a resolver failed", exc_info=cause)
    extensions = {"type": f"{TYPE_PREFIX}internal"}
    return {"message": "Something went wrong on our side.", "path": error.path, "extensions": extensions}
