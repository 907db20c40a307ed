"""Settings, read from ``TIMBRAL_*`` environment variables and checked once, at start.

Credentials of a bucket are not among them: they come from the AWS environment or the machine's role.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from timbral.errors import InvalidInput


class Settings(BaseSettings):
    """Everything that can be set from outside.

    Attributes are documented at their fields; each is also an environment variable, ``TIMBRAL_`` before
    its name in capitals.
    """

    model_config = SettingsConfigDict(env_prefix="TIMBRAL_", extra="ignore", frozen=True)

    store_root: str = Field("~/.timbral/store", min_length=1, description="Folder, file:// or s3:// address.")
    s3_endpoint: str | None = Field(None, pattern=r"^https?://", description="An S3-compatible service.")
    s3_region: str | None = Field(None, min_length=1, description="Region of the bucket.")
    scratch: Path | None = Field(None, description="Local folder for copies and spills; temporary if unset.")
    engine_memory_mb: int = Field(2_048, ge=128, le=1_000_000, description="Memory of a query, in MB.")
    threads_count: int = Field(2, ge=1, le=64, description="Threads of queries and models.")
    encoder: Path | None = Field(
        None,
        description="Folder of a sentence-transformers model to make the encoder from; a package's if unset.",
    )
    encoder_precision: Literal["fp32", "int8"] = Field("fp32", description="Number format of the encoder.")
    search_cross_encoder: bool = Field(
        default=False,
        description="Whether searches may be ordered by a cross-encoder, which reads 100 texts a search.",
    )
    cross_encoder: Path | None = Field(
        None, description="Folder of a model to make the cross-encoder from; the one in the store if unset."
    )
    train_on_provider_content: bool = Field(
        default=False,
        description="Whether columns whose provider forbids training on them (Spotify) may be trained on.",
    )
    als_factors_count: int = Field(128, ge=2, le=1_024, description="Dimension of the factor space.")
    als_weighting: Literal["discounted", "binary", "log1p"] = Field(
        "discounted",
        description="What a play is worth: less for popular items, the same for all, or log(1 + plays).",
    )
    als_confidence: float = Field(20.0, gt=0, le=1_000, description="What a play adds to 1; not for log1p.")
    als_regularization: float = Field(
        70.0, gt=0, le=10_000, description="Weight of the factors' squared length; log1p wants about 5."
    )
    als_iterations_count: int = Field(15, ge=1, le=200, description="Sweeps of alternating least squares.")
    checkpoint_every_s: float = Field(
        60.0, ge=0, le=86_400, description="Seconds between two notes of how far long work has come."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of everything random.")
    aoty_scraping: bool = Field(
        default=False, description="Whether new releases are looked up at Album of the Year."
    )
    aoty_address: str = Field(
        "https://www.albumoftheyear.org", pattern=r"^https?://", description="Where its pages are."
    )
    aoty_albums_count: int = Field(50, ge=1, le=1_000, description="Albums that one run looks up at most.")
    dead_letter_queue_url: str | None = Field(
        None, pattern=r"^https?://", description="Queue of messages that can't ever be taken in."
    )
    erasure_queue_url: str | None = Field(
        None, pattern=r"^https?://", description="Queue of listeners to erase; at once if unset."
    )
    queue_endpoint: str | None = Field(
        None, pattern=r"^https?://", description="A service that speaks SQS; AWS's own if unset."
    )
    jwt_issuer: str | None = Field(
        None, pattern=r"^https?://", description="Whose tokens count outside Lambda, as in their claim iss."
    )
    jwt_audiences: tuple[str, ...] = Field(
        (), description="Whom tokens must be meant for, as in their claim aud; a JSON list."
    )
    jwt_keys_address: str | None = Field(
        None, pattern=r"^https?://", description="The issuer's keys; found by its discovery if unset."
    )
    jwt_leeway_s: float = Field(60, ge=0, le=600, description="By how much the issuer's clock may differ.")
    listener_claim: str = Field("sub", min_length=1, description="The claim that holds a listener's id.")
    roles_claim: str = Field("roles", min_length=1, description="The claim that lists somebody's roles.")
    operator_role: str = Field("operator", min_length=1, description="The role that internal routes ask for.")
    lastfm_queue_url: str | None = Field(
        None, pattern=r"^https?://", description="Queue of accounts that Last.fm is asked for."
    )
    spotify_queue_url: str | None = Field(
        None, pattern=r"^https?://", description="Queue of accounts and tracks that Spotify is asked for."
    )
    spotify_address: str = Field(
        "https://api.spotify.com", pattern=r"^https?://", description="Spotify's API."
    )
    spotify_accounts_address: str = Field(
        "https://accounts.spotify.com", pattern=r"^https?://", description="Spotify's account service."
    )
    spotify_client_id: str | None = Field(
        None, min_length=1, description="Spotify's name for the app; in the secret store if unset."
    )
    spotify_client_secret: SecretStr | None = Field(
        None, description="The app's password at Spotify; in the secret store if unset."
    )
    spotify_redirects: tuple[str, ...] = Field(
        (), description="Where Spotify may send listeners back to; a JSON list of addresses."
    )
    answers_land_by_events: bool = Field(
        default=False, description="Whether the bucket's events bring kept answers into tables."
    )
    lastfm_address: str = Field(
        "https://ws.audioscrobbler.com/2.0/",
        pattern=r"^https?://",
        description="Last.fm's API.",
    )
    lastfm_api_key: SecretStr | None = Field(None, description="Last.fm's key; in the secret store if unset.")
    lastfm_secret: SecretStr | None = Field(
        None, description="Last.fm's shared secret; in the secret store if unset."
    )
    secrets_file: Path = Field(
        Path("~/.timbral/secrets.json"), description="Secrets of one machine; only its owner may read it."
    )
    secrets_prefix: str | None = Field(
        None, min_length=1, description="Secrets are in AWS Secrets Manager, under names that begin so."
    )
    secrets_endpoint: str | None = Field(
        None, pattern=r"^https?://", description="A service that speaks Secrets Manager; AWS's own if unset."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

    @property
    def s3_options(self) -> dict[str, str]:
        """Options of the object-store client."""
        given = {"endpoint": self.s3_endpoint, "region": self.s3_region}
        return {name: value for name, value in given.items() if value}


def load_settings(**given: object) -> Settings:
    """Read the settings.

    Args:
        given: Values that go before the environment's, such as command-line options; None is no value.

    Raises:
        InvalidInput: A value is not allowed; the message names the variable and what is allowed.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors()[0]
        name = f"TIMBRAL_{'_'.join(str(part) for part in first['loc'])}".upper()
        msg = f"{name} is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}"
        raise InvalidInput(msg, name) from error
