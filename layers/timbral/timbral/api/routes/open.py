"""What needs no identity: health and documentation."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from timbral.api.contract import CONTRACT_VERSION
from timbral.api.contract.responses import Health
from timbral.api.documentation import documentation_page
from timbral.api.routes.answer_route import AnswerRoute

router = APIRouter(tags=["open"], route_class=AnswerRoute)


@router.get("/healthz", operation_id="getHealth", summary="Whether the application runs")
def get_health() -> Health:
    """Answer that the application runs; it asks neither the store nor a release."""
    return Health(version=CONTRACT_VERSION)


@router.get("/docs", include_in_schema=False)
def get_documentation() -> HTMLResponse:
    """Show the documentation page."""
    page = documentation_page()
    return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})
