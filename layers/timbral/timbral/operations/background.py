"""What queues bring, done in this process: one machine needs no other."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from timbral.errors import TimbralError
from timbral.operations.importing import do_message
from timbral.operations.lastfm import LASTFM
from timbral.operations.spotify import SPOTIFY
from timbral.queues import LocalQueue

if TYPE_CHECKING:
    from timbral.operations.importing import Provider
    from timbral.wiring import Services

SLICE_S = 600.0
LOGGER = logging.getLogger("timbral.background")


def work_in_background(services: Services) -> None:
    """Do what this process's own queues bring, a thread a provider, for as long as the process lives.

    Queues of AWS are left to functions.

    Args:
        services: Settings and adapters.
    """
    for provider in (LASTFM, SPOTIFY):
        queue = services.outside.queue(provider.name)
        if isinstance(queue, LocalQueue):
            threading.Thread(
                target=_work, args=(services, queue, provider), name=f"timbral-{provider.name}", daemon=True
            ).start()


def _work(services: Services, queue: LocalQueue, provider: Provider) -> None:
    while True:
        body = queue.take(timeout_s=3_600)
        if body is not None:
            try:
                done = do_message(services, provider, body, time.time() + SLICE_S)
                LOGGER.info("a message is done: %s", done)
            except TimbralError as error:  # whoever waits for the job reads of it there
                LOGGER.error("a message failed: %s", error)  # noqa: TRY400  an error of ours says enough
            except Exception:
                LOGGER.exception("a message failed")
