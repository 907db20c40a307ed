"""What an answer leads to: OpenAPI's links, from one operation's answer to the next one's question.

Source: https://spec.openapis.org/oas/v3.1.1.html#link-object
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Link:
    """A way on from an answer.

    Attributes:
        operation: The ``operationId`` that it leads to.
        description: What for.
        parameters: Of that operation, as runtime expressions.
        body: Of that operation, runtime expressions where values come from the answer; None without one.
    """

    operation: str
    description: str
    parameters: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    def described(self) -> dict[str, Any]:
        """Return the link object."""
        found: dict[str, Any] = {"operationId": self.operation, "description": self.description}
        found |= {"parameters": self.parameters} if self.parameters else {}
        return found | ({"requestBody": self.body} if self.body else {})


def _next_page(operation: str) -> Link:
    return Link(operation, "The next page.", {"cursor": "$response.body#/next_cursor"})


def _from_track(track: str) -> dict[str, Link]:
    """Return what any track leads to; ``track`` points at its id."""
    return {
        "similar": Link("getSimilarTracks", "What is like the first.", {"track_id": track}),
        "more": Link("autofillPlaylist", "A playlist that begins with it.", body={"seeds": [track]}),
        "pick": Link("getFirstTracks", "Begin with it, as somebody new.", body={"track_ids": [track]}),
    }


FIRST = "$response.body#/tracks/0/track_id"
LINKS: dict[str, dict[str, Link]] = {
    "getHomePage": {
        "next": _next_page("getHomePage"),
        **_from_track("$response.body#/carousels/0/tracks/0/track_id"),
    },
    "getSimilarTracks": {
        "next": Link(
            "getSimilarTracks",
            "The next page.",
            {"track_id": "$request.path.track_id", "cursor": "$response.body#/next_cursor"},
        ),
        **_from_track(FIRST),
    },
    "searchTracks": {
        "next": Link(
            "searchTracks",
            "The next page.",
            body={"query": "$request.body#/query", "cursor": "$response.body#/next_cursor"},
        ),
        **_from_track(FIRST),
    },
    "autofillPlaylist": _from_track(FIRST),
    "getOnboarding": {
        "next": _next_page("getOnboarding"),
        "pick": Link(
            "getFirstTracks", "Pick the first.", body={"genres": ["$response.body#/genres/0/genre"]}
        ),
        "similar": Link(
            "getSimilarTracks",
            "What is like its first sample.",
            {"track_id": "$response.body#/genres/0/samples/0/track_id"},
        ),
    },
    "getFirstTracks": _from_track(FIRST),
    "getTasteSummary": {"next": _next_page("getTasteSummary")},
    "importLastfm": {
        "watch": Link("getImport", "How it goes.", {"job_id": "$response.body#/job_id"}),
    },
    "getImport": {
        "watch": Link("getImport", "How it goes.", {"job_id": "$response.body#/job_id"}),
    },
    "exportListener": {"next": _next_page("exportListener")},
    "eraseListener": {
        "receipt": Link("getErasure", "Whether it is done.", {"receipt_id": "$response.body#/receipt_id"})
    },
    "getErasure": {
        "again": Link("getErasure", "Whether it is done.", {"receipt_id": "$response.body#/receipt_id"})
    },
}
"""By the ``operationId`` of the answer, and the link's name; they hold for its answers 200 and 202."""
