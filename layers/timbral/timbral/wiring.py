"""The one place where settings and adapters meet; each is made when it is first used, and once."""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import resource
import tempfile
import time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timbral.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from timbral.api.identity import Identity, TokenVerifier
    from timbral.api.keeping import FeedbackLog, Keeping
    from timbral.api.listeners.port import Item, Listeners, Receipt
    from timbral.dead_letters import DeadLetters
    from timbral.embeddings.encoder import Encoder
    from timbral.flow import Step
    from timbral.job_log import JobLog
    from timbral.providers.calls import Call, Clock, Reply, Sender
    from timbral.providers.lastfm import Lastfm
    from timbral.providers.secrets import Secrets
    from timbral.providers.stack import Run
    from timbral.providers.traffic import TrafficLimits
    from timbral.recommender.release.source import CurrentRelease
    from timbral.recommender.run import RecommenderSettings
    from timbral.stage import Pins, StageResult
    from timbral.store.artifacts import Artifacts
    from timbral.store.objects import Objects
    from timbral.store.releases import Releases
    from timbral.store.tables import Tables

USER_AGENT = "timbral/0.1"
ENCODER_PREFIX = "embeddings/encoder"


class Services:
    """Everything that a command, a function or a job may need, for one set of settings.

    Imports stand inside the methods: a function pays only for what it uses.

    Args:
        settings: All that can be set from outside.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def objects(self) -> Objects:
        """The object store, refused if another version of Timbral wrote it."""
        from timbral.store.format import check_format
        from timbral.store.obstore_objects import open_objects

        objects = open_objects(self.settings.store_root, self.settings.s3_options)
        check_format(objects, create=True)
        return objects

    @cached_property
    def scratch(self) -> Path:
        """A local folder for copies and spills."""
        if self.settings.scratch is not None:
            self.settings.scratch.mkdir(parents=True, exist_ok=True)
            return self.settings.scratch
        self._temporary = tempfile.TemporaryDirectory(prefix="timbral-")
        return Path(self._temporary.name)

    @cached_property
    def tables(self) -> Tables:
        """The store's tables."""
        from timbral.store.engine import EngineLimits
        from timbral.store.tables import Tables

        limits = EngineLimits(self.settings.engine_memory_mb, self.settings.threads_count)
        return Tables(self.objects, self.scratch, limits)

    @cached_property
    def dead_letters(self) -> DeadLetters | None:
        """Where messages go that can't ever be taken in; None if there is no such queue."""
        if self.settings.dead_letter_queue_url is None:
            return None
        import boto3

        from timbral.dead_letters import QueuedDeadLetters

        region = self.settings.s3_region
        client = boto3.client("sqs", endpoint_url=self.settings.queue_endpoint, region_name=region)
        return QueuedDeadLetters(client, self.settings.dead_letter_queue_url)

    @cached_property
    def releases(self) -> Releases:
        """The store's releases."""
        from timbral.store.releases import Releases

        return Releases(self.objects)

    def job_log(self, run_id: str, attempt: int = 0, worker: str | None = None) -> JobLog:
        """Return the log of one run.

        Args:
            run_id: The run.
            attempt: How often its steps had been tried before.
            worker: Who does them; what Lambda or Batch calls this process if None.
        """
        from timbral.job_log import JobLog, Worker

        platform = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") or os.environ.get("AWS_BATCH_JOB_ID")
        return JobLog(
            self.tables,
            run_id,
            Worker(worker or platform or "timbral", os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")),
            clock_ms=lambda: time.time_ns() // 1_000_000,
            memory_mb=peak_memory_mb,
            attempt=attempt or int(os.environ.get("AWS_BATCH_JOB_ATTEMPT", "1")) - 1,
        )

    def artifacts(self, prefix: str) -> Artifacts:
        """Return the artifacts of one kind."""
        from timbral.store.artifacts import Artifacts

        return Artifacts(self.objects, prefix, self.scratch)

    @cached_property
    def encoder_version(self) -> str:
        """The encoder artifact in use, made from the model's weights if the store has none."""
        artifacts = self.artifacts(ENCODER_PREFIX)
        version = artifacts.current()
        return version if version is not None else self._export_encoder(artifacts)

    def _export_encoder(self, artifacts: Artifacts) -> str:
        from timbral.embeddings.export import export_encoder, find_default_source

        source = self.settings.encoder or find_default_source()
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            export_encoder(source, Path(folder) / "encoder", precision=self.settings.encoder_precision)
            return artifacts.publish(Path(folder) / "encoder")

    @cached_property
    def encoder(self) -> Encoder:
        """The text encoder."""
        from timbral.embeddings.encoder import OnnxEncoder

        folder = self.artifacts(ENCODER_PREFIX).folder(self.encoder_version)
        return OnnxEncoder(folder, threads=self.settings.threads_count)

    @cached_property
    def current_release(self) -> CurrentRelease:
        """The release that is served."""
        from timbral.recommender.release.source import CurrentRelease

        return CurrentRelease(self.releases, self.scratch / "releases", lambda: self.encoder, time.monotonic)

    def app(self, *, development: bool = False) -> FastAPI:
        """Return the API's application.

        Args:
            development: Whether callers on this machine are believed who they say they are.
        """
        from timbral.api.application import create_app

        return create_app(
            self.current_release,
            self.identity(development=development),
            lambda: dt.datetime.now(dt.UTC),
            keeping=self.keeping,
            listeners=self.listeners,
        )

    @cached_property
    def keeping(self) -> Keeping:
        """What is kept of listeners between releases."""
        from timbral.api.keeping import Keeping

        def log() -> FeedbackLog:
            from timbral.api.listeners.log import FeedbackTable

            return FeedbackTable(self.tables)

        return Keeping(lambda: self.objects, log)

    @cached_property
    def listeners(self) -> Listeners:
        """What takes out and erases what is kept of listeners."""
        return LazyListeners(self)

    def identity(self, *, development: bool = False) -> Identity:
        """Return what tells who is asking.

        Args:
            development: Whether callers on this machine are believed who they say they are.

        Raises:
            InvalidInput: There is an issuer of tokens, but nobody whom they are meant for.
        """
        from timbral.api.identity import Identity

        known = self.settings
        return Identity(
            self._token_verifier(), development, known.listener_claim, known.roles_claim, known.operator_role
        )

    def _token_verifier(self) -> TokenVerifier | None:
        from timbral.errors import InvalidInput

        known = self.settings
        if known.jwt_issuer is None:
            return None
        if not known.jwt_audiences:
            msg = "TIMBRAL_JWT_AUDIENCES must name whom tokens of TIMBRAL_JWT_ISSUER are meant for"
            raise InvalidInput(msg, "TIMBRAL_JWT_AUDIENCES")
        from timbral.api.tokens import Expected, IssuerKeys, JwtVerifier
        from timbral.issuer import fetch_document

        expected = Expected(known.jwt_issuer, known.jwt_audiences, known.jwt_keys_address, known.jwt_leeway_s)
        return JwtVerifier(expected, IssuerKeys(expected, fetch_document, time.monotonic), time.time)

    @cached_property
    def clock(self) -> Clock:
        """Time."""
        from timbral.providers.clock import SystemClock

        return SystemClock()

    def provider_run(self, until_s: float) -> Run:
        """Return what the calls of one run share.

        Args:
            until_s: Until when waits may last, in Unix seconds.
        """
        from timbral.providers.retrying import Budget
        from timbral.providers.stack import Run

        log = logging.getLogger("timbral.providers")
        return Run(self.clock, random.SystemRandom().random, log, Budget(until_s=until_s))

    def sender(
        self,
        provider: str,
        base_url: str,
        judge: Callable[[Call, Reply, float], None],
        run: Run,
        limits: TrafficLimits,
    ) -> Sender:
        """Return who asks a provider, within the traffic that it gets from all of us together.

        Args:
            provider: Its name.
            base_url: Its address.
            judge: What its answers mean.
            run: What the calls of this run share.
            limits: What it gets.
        """
        from timbral.providers.stack import stack
        from timbral.providers.traffic import Traffic
        from timbral.providers.transport import HttpLimits, HttpTransport, open_client

        http = HttpLimits()
        transport = HttpTransport(open_client(base_url, http, user_agent=USER_AGENT), http)
        traffic = Traffic(self.objects, provider, limits, run.clock, run.jitter)
        return stack(transport, provider=provider, judge=judge, traffic=traffic, run=run)

    @cached_property
    def secrets(self) -> Secrets:
        """The secret store: AWS Secrets Manager, or the settings and a file of this machine."""
        from timbral.providers.secrets import AwsSecrets, FileSecrets

        known = self.settings
        if known.secrets_prefix is not None:
            import boto3

            return AwsSecrets(boto3.client("secretsmanager"), known.secrets_prefix, time.monotonic)
        given = {"lastfm/api_key": known.lastfm_api_key, "lastfm/secret": known.lastfm_secret}
        values = {name: secret.get_secret_value() for name, secret in given.items() if secret is not None}
        return FileSecrets(known.secrets_file.expanduser(), values)

    def lastfm(self, run: Run, session: str | None = None) -> Lastfm:
        """Return Last.fm.

        Args:
            run: What the calls of this run share.
            session: A listener's session, for what they show to us alone.

        Raises:
            InvalidInput: There is no key to ask with.
        """
        from timbral.errors import InvalidInput
        from timbral.providers.lastfm import LIMITS, PROVIDER, Lastfm, LastfmKey, judge_lastfm

        api_key = self.secrets.get("lastfm/api_key")
        if not api_key:
            msg = (
                "Last.fm asks for a key: set TIMBRAL_LASTFM_API_KEY (https://www.last.fm/api/account/create)"
            )
            raise InvalidInput(msg, "TIMBRAL_LASTFM_API_KEY")
        key = LastfmKey(api_key, self.secrets.get("lastfm/secret"))
        sender = self.sender(PROVIDER, self.settings.lastfm_address, judge_lastfm, run, LIMITS)
        return Lastfm(sender, key, session)

    def recommender_settings(self) -> RecommenderSettings:
        """Return how the recommender trains."""
        from timbral.recommender.models.als import AlsSettings
        from timbral.recommender.run import RecommenderSettings

        als = AlsSettings(
            factors=self.settings.als_factors_count,
            iterations=self.settings.als_iterations_count,
            seed=self.settings.seed,
            threads=self.settings.threads_count,
        )
        return RecommenderSettings(als=als, encoder=self.encoder_version)

    def steps(self) -> list[Step]:
        """Return the flow's steps, in order."""
        from timbral.flow import Step

        runs = {
            "raw": self._run_raw,
            "core": self._run_core,
            "tags": self._run_tags,
            "features": self._run_features,
            "embeddings": self._run_embeddings,
            "mood": self._run_mood,
            "vectors": self._run_vectors,
            "recommender": self._run_recommender,
        }
        return [Step(stage, run) for stage, run in runs.items()]

    def _run_raw(self, pins: Pins, progress: Any) -> Any:
        from timbral.raw.run import run

        return run(self.tables, pins, progress)

    def _run_core(self, pins: Pins, progress: Any) -> Any:
        from timbral.core.run import run

        return run(self.tables, pins, progress)

    def _run_tags(self, pins: Pins, progress: Any) -> Any:
        from timbral.tags.run import run

        return run(self.tables, pins, progress)

    def _run_features(self, pins: Pins, progress: Any) -> Any:
        from timbral.features.run import run

        return run(self.tables, pins, progress)

    def _run_embeddings(self, pins: Pins, progress: Any) -> Any:
        from timbral.embeddings.run import run

        return run(self.tables, pins, progress, encoder=self.encoder)

    def _run_mood(self, pins: Pins, progress: Any) -> Any:
        from timbral.mood.artifact import PREFIX
        from timbral.mood.predictor import MoodPredictor
        from timbral.mood.run import run
        from timbral.mood.train import train_if_needed
        from timbral.mood.training.settings import TrainingSettings

        artifacts = self.artifacts(PREFIX)
        settings = TrainingSettings(
            train_on_provider_content=self.settings.train_on_provider_content,
            workers_count=self.settings.threads_count,
        )
        version = train_if_needed(
            self.tables, pins, artifacts, progress, encoder=self.encoder, settings=settings
        )
        predictor = MoodPredictor(artifacts.folder(version), version)
        return run(self.tables, pins, progress, predictor, encoder=self.encoder.fingerprint)

    def _run_vectors(self, pins: Pins, progress: Any) -> Any:
        from timbral.embeddings.artifact import load_manifest
        from timbral.vectors.fit import PREFIX, fit_if_needed
        from timbral.vectors.run import run

        artifacts = self.artifacts(PREFIX)
        # What the encoder is stands in its manifest: loading its graph would take a second.
        manifest = load_manifest(self.artifacts(ENCODER_PREFIX).folder(self.encoder_version))
        encoder = manifest.fingerprint
        version = fit_if_needed(
            self.tables,
            pins,
            artifacts,
            encoder=encoder,
            dimension=manifest.dimension,
            with_audio=self.settings.train_on_provider_content,
        )
        return run(
            self.tables, pins, progress, folder=artifacts.folder(version), version=version, encoder=encoder
        )

    def _run_recommender(self, pins: Pins, progress: Any) -> Any:
        from timbral.recommender.run import run

        settings, now_uts = self.recommender_settings(), int(time.time())
        return run(self.tables, self.releases, pins, progress, settings=settings, now_uts=now_uts)

    def make_release(self, pins: Pins, progress: Any) -> StageResult:
        """Make a release of a run's snapshots; what is served stays as it is."""
        from timbral.recommender.run import make_release

        settings, now_uts = self.recommender_settings(), int(time.time())
        return make_release(self.tables, self.releases, pins, progress, settings=settings, now_uts=now_uts)


class LazyListeners:
    """Takes out and erases what is kept of listeners; what that needs is imported when it is asked for.

    Args:
        services: Settings and adapters.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def export(self, listener_id: str, offset: int, limit: int) -> tuple[list[Item], int]:
        """Return some of what is kept; see `timbral.api.listeners.port.Listeners.export`."""
        from timbral.api.listeners.takeout import Takeout

        return Takeout(self._services.tables).page(listener_id, offset, limit)

    def erase(self, listener_id: str) -> Receipt:
        """Erase everything; see `timbral.api.listeners.port.Listeners.erase`."""
        from timbral.api.listeners.erasure import Erasure

        own = self._services
        receipt = Erasure(own.tables, own.releases, own.scratch).erase(listener_id, int(time.time()))
        own.current_release.look_again()
        return receipt


@lru_cache(maxsize=1)
def services() -> Services:
    """Return the services of this process, with settings from the environment.

    Raises:
        InvalidInput: A setting is not allowed.
    """
    return Services(load_settings())


@lru_cache(maxsize=1)
def api_handler() -> Callable[[Any, Any], Any]:
    """Return the handler of API Gateway's events, put together once a process."""
    from timbral.api.gateway import lambda_handler

    handler: Callable[[Any, Any], Any] = lambda_handler(services().app())
    return handler


def peak_memory_mb() -> float:
    """Return the highest resident memory of this process so far, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
