"""Ask Last.fm for what a queue's messages name: a listener's account, everybody's, or tags that lack."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from timbral import wiring
from timbral.operations.importing import do_message
from timbral.operations.lastfm import LASTFM

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do each message as far as the invocation's time allows; the queue keeps the messages that failed."""
    services = wiring.services()
    until_s = services.outside.clock.now_s() + context.get_remaining_time_in_millis() / 1_000

    def pull(record: Any) -> None:
        logger.info("a message is done", report=do_message(services, LASTFM, record.body, until_s))

    return dict(process_partial_response(event, pull, BatchProcessor(EventType.SQS), context))
