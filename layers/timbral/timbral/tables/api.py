"""What listeners did with the answers."""

from __future__ import annotations

from typing import Literal, get_args

from timbral.tables.columns import LAST_UTS, LISTENER_ID, OBSERVED_AT_UTS, TRACK_ID
from timbral.tables.declaration import Column, Table

EventKind = Literal["impression", "click", "play", "skip", "like", "dislike", "save"]
Place = Literal[
    "for_you",
    "new_and_hype",
    "genre_mixes",
    "mood_mixes",
    "rediscover",
    "similar",
    "search",
    "autofill",
    "onboarding",
    "elsewhere",
]
"""Where a track was shown: a carousel of the home page, another answer, or nowhere of ours."""

EVENT_KINDS = get_args(EventKind)
PLACES = get_args(Place)

FEEDBACK = Table(
    name="feedback",
    stage="api",
    meaning="What a listener did with a track that they were shown.",
    columns=(
        LISTENER_ID,
        Column(
            "event_id", "string", "The client's own name of the event, unique to the listener.", longest=64
        ),
        Column("kind", "string", "What they did.", choices=EVENT_KINDS),
        Column("track_id", "string", TRACK_ID.meaning, longest=64),
        Column("at_uts", "int64", "When, in Unix seconds.", minimum=0, maximum=LAST_UTS),
        Column(
            "played_s",
            "float64",
            "For plays: how long, in seconds.",
            required=False,
            minimum=0,
            maximum=86_400,
        ),
        Column("shown_in", "string", "Where they were shown it.", choices=PLACES),
        Column(
            "release",
            "string",
            "The release that answered; empty if it is unknown.",
            required=False,
            longest=64,
        ),
        OBSERVED_AT_UTS,
    ),
    key=("listener_id", "event_id"),
    mode="append",
    provenance="listener",
    order="observed_at_uts",
)
