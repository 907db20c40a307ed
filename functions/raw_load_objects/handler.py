"""Take in what has landed: files, answers and dumps by a queue, albums and reviews by a stream."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from timbral import wiring
from timbral.operations import arrivals

logger = Logger()


def take_in(record: Any) -> None:
    """Take in what one message of the queue tells of."""
    logger.info("an object is taken in", report=arrivals.load_message(wiring.services(), record.body))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take in each message's object, or all records; the queue keeps the messages that failed."""
    if "records" in event:
        return arrivals.load_records(wiring.services(), event)
    return dict(process_partial_response(event, take_in, BatchProcessor(EventType.SQS), context))
