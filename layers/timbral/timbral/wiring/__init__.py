"""The one place where settings and adapters meet; each is made when it is first used, and once.

Imports stand inside the methods: a function pays only for what it uses.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from timbral.settings import load_settings
from timbral.wiring.foundation import ENCODER_PREFIX, peak_memory_mb
from timbral.wiring.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ENCODER_PREFIX", "Services", "api_handler", "peak_memory_mb", "services"]


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

    handler: Callable[[Any, Any], Any] = lambda_handler(services().serving.app())
    return handler
