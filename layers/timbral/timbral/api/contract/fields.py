"""Fields that several requests share, each bounded once."""

import unicodedata
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from timbral.recommender.release.view import TrackFilter

LONGEST_QUERY = 300
LONGEST_GENRE = 100
MOST_CONDITIONS = 20
EARLIEST_YEAR, LATEST_YEAR = 1000, 2100

Mood = Literal["upbeat", "chill", "dark", "happy", "sad", "romantic"]


def without_controls(text: str) -> str:
    """Refuse control characters, lone surrogates and blank texts.

    Raises:
        ValueError: There is one of them, or nothing but white space.
    """
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        msg = "must not have control characters or lone surrogates"
        raise ValueError(msg)
    if not text.strip():
        msg = "must not be blank"
        raise ValueError(msg)
    return text


TrackId = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z_-]{1,64}$",
        description="A track's identity.",
        examples=["3f2a9c0d5b7e41868c0f5f0b9a1d2e4c"],
    ),
]
ReceiptId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{32}$",
        description="A receipt's name.",
        examples=["0f1e2d3c4b5a69780f1e2d3c4b5a6978"],
    ),
]
Genre = Annotated[str, Field(min_length=1, max_length=LONGEST_GENRE), AfterValidator(without_controls)]
Query = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_QUERY,
        description="What to look for: names, tags, moods or any description, in any script.",
        examples=["dreamy guitars for a rainy night"],
    ),
    AfterValidator(without_controls),
]
PlaylistId = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z]{22}$",
        description="A playlist at Spotify: the last part of its link.",
        examples=["37i9dQZF1DXcBWIGoYBM5M"],
    ),
]
Cursor = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-Za-z_-]{1,100}$",
        description="Where the last page ended: its `next_cursor`. Good for the same question only.",
        examples=["MjAtMGYxZTJkM2M0YjVhNjk3OA"],
    ),
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many to return at most.", examples=[20])]
Year = Annotated[int, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)]


class Strict(BaseModel):
    """A request: unknown fields are refused, numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Conditions(Strict):
    """Which tracks count: all conditions must hold; the values of one are alternatives."""

    genres: list[Genre] = Field([], max_length=MOST_CONDITIONS, description="Genres, in any case.")
    moods: list[Mood] = Field([], max_length=6, description="Moods.")
    year_from: Year | None = Field(None, description="Earliest year of release.")
    year_to: Year | None = Field(None, description="Latest year of release.")

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.year_from is not None and self.year_to is not None and self.year_from > self.year_to:
            msg = "year_from must not be later than year_to"
            raise ValueError(msg)
        return self

    def as_filter(self) -> TrackFilter:
        """Return the conditions as a release takes them."""
        return TrackFilter(tuple(self.genres), tuple(self.moods), self.year_from, self.year_to)
