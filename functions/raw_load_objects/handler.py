"""Take in files as they land in the inbox."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from timbral import events, wiring

logger = Logger()


def take_in(record: Any) -> None:
    """Take in the file that one message of the queue tells of."""
    logger.info("a file is taken in", report=events.load_object(wiring.services(), record.json_body))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take in each message's file; the queue keeps those that failed."""
    return dict(process_partial_response(event, take_in, BatchProcessor(EventType.SQS), context))
