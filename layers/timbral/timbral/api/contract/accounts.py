"""Accounts elsewhere: what connects one, what becomes of its import, and which are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from timbral.api.contract.fields import Strict
from timbral.providers.lastfm_names import TOKEN_PATTERN, USERNAME_PATTERN
from timbral.pulling.connections import State as ConnectionState  # noqa: TC001  pydantic reads the annotation
from timbral.pulling.jobs import State as JobState  # noqa: TC001  as above

if TYPE_CHECKING:
    from timbral.pulling.connections import Connection
    from timbral.pulling.jobs import Job


class LastfmImport(Strict):
    """Which account of Last.fm to import: one that is named, or the one that a token tells."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "rj"}]})

    username: Annotated[str, Field(pattern=USERNAME_PATTERN)] | None = Field(
        None, description="The account's name, in any case; enough where it shows what it plays."
    )
    token: Annotated[str, Field(pattern=TOKEN_PATTERN)] | None = Field(
        None,
        description="What https://www.last.fm/api/webauth hands to your page, for an account that hides.",
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.username is None) == (self.token is None):
            msg = "send either username or token"
            raise ValueError(msg)
        return self


class SpotifyConnection(Strict):
    """What Spotify sent the listener back with.

    Source: https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "AQDk3", "redirect_uri": "https://app.example/back"}]}
    )

    code: str = Field(pattern=r"^[0-9A-Za-z_-]{1,1024}$", description="The query's `code`.")
    redirect_uri: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://[!-~]{1,500}$",
        description="Where Spotify sent them back to, as it was asked to; one that the operator allows.",
    )
    code_verifier: str | None = Field(
        None, pattern=r"^[0-9A-Za-z._~-]{43,128}$", description="For PKCE: what `code_challenge` was made of."
    )


class ImportJob(BaseModel):
    """How an import goes."""

    job_id: str
    provider: Literal["lastfm", "spotify"]
    account: str = Field(description="Which account; empty until a token has told.")
    state: JobState = Field(
        description="`waiting`: the provider asked us to come back. `refused`: it won't let us, for good."
    )
    begun_at_uts: int = Field(description="When it was asked for, in Unix seconds.")
    changed_at_uts: int = Field(description="When it moved last.")
    pages_count: int = Field(description="Answers of the provider so far.")
    rows_count: int = Field(description="Scrobbles, or tracks, so far.")
    total_count: int | None = Field(description="How many there are; null until the provider has said.")
    rows_per_s: float = Field(description="Scrobbles, or tracks, a second.")
    reason: str = Field(
        description="Why it was refused: unknown, private, forbidden, expired or invalid; else empty."
    )
    message: str = Field(description="A sentence for the listener; empty if there is nothing to say.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Put a job into the contract's shape."""
        facts = {name: getattr(job, name) for name in cls.model_fields}
        return cls(**facts)


class Account(BaseModel):
    """An account that the listener has connected."""

    provider: Literal["lastfm", "spotify"]
    account: str = Field(description="Its name there; `me` at Spotify.")
    state: ConnectionState = Field(
        description="`expired`: permission has run out or was taken back; connect again. `refused`: it is "
        "unknown or hides what it plays."
    )
    changed_at_uts: int = Field(description="Since when it is so, in Unix seconds.")
    reason: str = Field(description="Why it isn't `connected`; empty if it is.")

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Put an account into the contract's shape."""
        return cls(**{name: getattr(connection, name) for name in cls.model_fields})


class Connected(BaseModel):
    """The listener's accounts."""

    accounts: list[Account]
