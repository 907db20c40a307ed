"""``/graphql``: the same reads, nested."""

from functools import partial

from fastapi import APIRouter, Request

from timbral.api.asking import Asked
from timbral.api.contract.requests import GraphqlRequest
from timbral.api.contract.responses import GraphqlAnswer
from timbral.api.routes.answer_route import has_moved
from timbral.api.routes.json_route import JsonRoute

router = APIRouter(tags=["graphql"], route_class=JsonRoute)


@router.post("/graphql", operation_id="askGraph", summary="Ask for several things at once")
def post_graphql(http: Request, asked: Asked, request: GraphqlRequest) -> GraphqlAnswer:
    """Listener, taste, recommendations, track and similar, nested; depth and cost are limited."""
    from timbral.api.graph.answering import answer_graph  # noqa: PLC0415  it costs a fifth of a second, and only this route needs it

    return GraphqlAnswer(**answer_graph(asked, request, partial(has_moved, http)))
