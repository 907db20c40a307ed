"""Erase listeners who asked for it, one after the other."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response

from timbral import wiring
from timbral.operations import erasing

logger = Logger()


def erase(record: Any) -> None:
    """Erase whom one message of the queue names."""
    logger.info("a listener is erased", report=erasing.erase_listener(wiring.services(), record.body))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Erase each message's listener; the queue keeps the messages that failed, and their order."""
    return dict(process_partial_response(event, erase, SqsFifoPartialProcessor(), context))
