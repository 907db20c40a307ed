"""Events as API Gateway's HTTP API sends them to Lambda, payload format 2.0."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, unquote


def gateway_event(method, path, query="", body=None, listener=None, **headers):
    """Return an event; without a listener it is one of a route that has no authorizer."""
    context = {
        "accountId": "123456789012",
        "apiId": "r3pmxmplak",
        "domainName": "r3pmxmplak.execute-api.eu-central-1.amazonaws.com",
        "domainPrefix": "r3pmxmplak",
        "http": {
            "method": method,
            "path": unquote(path),
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.15",
            "userAgent": "music-app/1.0",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "$default",
        "stage": "$default",
        "time": "01/Mar/2026:09:30:00 +0000",
        "timeEpoch": 1772357400000,
    }
    if listener is not None:
        claims = {
            "aud": "timbral",
            "exp": "1772361000",
            "iat": "1772357400",
            "iss": "https://id.example",
            "sub": listener,
            "token_use": "access",
        }
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": {
            "accept": "*/*",
            "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.signed-and-checked-by-the-gateway",
            "host": "r3pmxmplak.execute-api.eu-central-1.amazonaws.com",
            "x-amzn-trace-id": "Root=1-65e1a0f8-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.15",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query))
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body)
        event |= {"body": base64.b64encode(text.encode()).decode(), "isBase64Encoded": True}
        event["headers"] |= {"content-type": "application/json", "content-length": str(len(text.encode()))}
    return event
