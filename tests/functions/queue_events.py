"""Events as the services send them: S3 to EventBridge to a queue to Lambda."""

import json
import uuid


def object_created(bucket, key, size_bytes=1):
    """Return EventBridge's event of a stored object."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": size_bytes, "etag": "0" * 32, "sequencer": "00"},
            "request-id": "EXAMPLE",
            "requester": "123456789012",
            "source-ip-address": "203.0.113.1",
            "reason": "PutObject",
        },
    }


def queue_event(*bodies):
    """Return the event of a queue that hands over messages ``m0``, ``m1`` and so on."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "handle",
                "body": json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1767323045000",
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": "1767323045001",
                },
                "messageAttributes": {},
                "md5OfBody": "0" * 32,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:inbox",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
