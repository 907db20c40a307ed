"""Filters of the graph: the routes' own conditions, held to the routes' own rules."""
# strawberry reads annotations at run time: no lazy ones here.

import strawberry
from pydantic import ValidationError

from timbral.api.contract.fields import Conditions
from timbral.api.problems import allowed, field_name
from timbral.errors import InvalidRequest
from timbral.recommender.release.view import TrackFilter


@strawberry.input
class Filters:
    """Which tracks count: all conditions must hold; the values of one are alternatives."""

    genres: list[str] = strawberry.field(default_factory=list, description="Genres, in any case.")
    moods: list[str] = strawberry.field(default_factory=list, description="Moods.")
    year_from: int | None = strawberry.field(default=None, description="Earliest year of release.")
    year_to: int | None = strawberry.field(default=None, description="Latest year of release.")


def wanted(filters: Filters | None, asked: str) -> TrackFilter:
    """Read filters.

    Args:
        filters: As they were given, or None.
        asked: The field that was asked with them.

    Raises:
        InvalidRequest: A route would refuse them, too.
    """
    if filters is None:
        return TrackFilter()
    try:
        return Conditions(**vars(filters)).as_filter()
    except ValidationError as error:
        fault = error.errors()[0]
        raise InvalidRequest(allowed(fault), field_name((asked, "filters", *fault["loc"]))) from error
