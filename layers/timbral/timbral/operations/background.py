"""What queues bring, done in this process: one machine needs no other."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from timbral.errors import TimbralError
from timbral.operations import lastfm, spotify
from timbral.queues import LocalQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from timbral.wiring import Services

    Work = Callable[[Services, str, float], object]

WORK: dict[str, Work] = {"lastfm": lastfm.do_message, "spotify": spotify.do_message}
"""What does a message, by the provider whose queue it came by."""
SLICE_S = 600.0
LOGGER = logging.getLogger("timbral.background")


def work_in_background(services: Services) -> None:
    """Do what this process's own queues bring, a thread a provider, for as long as the process lives.

    Queues of AWS are left to functions.

    Args:
        services: Settings and adapters.
    """
    for provider, work in WORK.items():
        queue = services.outside.queue(provider)
        if isinstance(queue, LocalQueue):
            threading.Thread(
                target=_work, args=(services, queue, work), name=f"timbral-{provider}", daemon=True
            ).start()


def _work(services: Services, queue: LocalQueue, work: Work) -> None:
    while True:
        body = queue.take(timeout_s=3_600)
        if body is not None:
            try:
                LOGGER.info("a message is done: %s", work(services, body, time.time() + SLICE_S))
            except TimbralError as error:  # whoever waits for the job reads of it there
                LOGGER.error("a message failed: %s", error)  # noqa: TRY400  an error of ours says enough
            except Exception:
                LOGGER.exception("a message failed")
