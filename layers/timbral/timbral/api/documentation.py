"""The API's description: the OpenAPI document's last touches, and the page that shows it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from timbral.api.admission import OPEN_PATHS
from timbral.api.contract.links import LINKS
from timbral.api.contract.problem import Problem
from timbral.api.problems import MEDIA_TYPE

SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": (
        "A JWT of the operator's issuer. In development mode `dev:<listener>` is believed from this "
        "machine only."
    ),
}
PROBLEMS = {
    "400": "A field is wrong; the problem names it and what is allowed.",
    "401": "Nobody vouches for who is asking.",
    "410": "The cursor belongs to another release, day or question.",
    "503": "No release has been published yet.",
}
BODY_PROBLEMS = {"413": "The body is too large.", "415": "The body is not JSON."}
PATH_PROBLEMS = {"404": "There is none of that id: the release doesn't have the track, or it isn't yours."}
RELEASED = {"recommendations", "search", "taste", "playlists", "onboarding", "graphql"}
"""Tags of what a release answers; the rest is about what is kept of listeners, or about nothing at all."""
RELEASE_HEADER: dict[str, Any] = {
    "description": "The release that answered.",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}
TAG_HEADER: dict[str, Any] = {"description": "Send it back as If-None-Match.", "schema": {"type": "string"}}
REFERENCE = "#/components/schemas/"


@dataclass(frozen=True)
class Page:
    """The documentation page.

    Attributes:
        html: The page, whole: it loads nothing but the description.
        policy: Its Content-Security-Policy.
    """

    html: str
    policy: str


@cache
def documentation_page() -> Page:
    """Return the page; its policy lets nothing run but the page's own script."""
    html = files("timbral.api").joinpath("documentation.html").read_text("utf-8")
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Page(html, policy)


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """Complete a generated OpenAPI document with problems, headers and security.

    Args:
        schema: What the framework generated; it is changed in place.

    Returns:
        The same document.
    """
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for generated in ("HTTPValidationError", "ValidationError"):
        schemas.pop(generated, None)
    problem = Problem.model_json_schema(ref_template=REFERENCE + "{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = {"bearer": SCHEME}
    schema["security"] = [{"bearer": []}]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)
    if path in OPEN_PATHS:
        operation["security"] = []
        return
    problems = {**PROBLEMS, **(BODY_PROBLEMS if "requestBody" in operation else {})}
    problems |= PATH_PROBLEMS if "{" in path else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{REFERENCE}Problem"}}}
    responses = operation["responses"]
    problems |= {status: found["description"] for status, found in responses.items() if status >= "400"}
    for status, description in sorted(problems.items()):
        responses[status] = {"description": description, "content": content}
    headers = {"X-Timbral-Release": RELEASE_HEADER} if RELEASED & set(operation["tags"]) else {}
    headers |= {"ETag": TAG_HEADER} if method == "get" else {}
    links = {name: link.described() for name, link in LINKS.get(operation["operationId"], {}).items()}
    for status in {"200", "202"} & set(responses):
        responses[status] |= {"headers": headers, **({"links": links} if links else {})}
