"""The shape of every error."""

from pydantic import BaseModel, ConfigDict, Field


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where it is, such as `query.limit` or `body.seeds.3`.")
    detail: str = Field(description="What is allowed.")


class Problem(BaseModel):
    """Problem details as in RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:timbral:problem:invalid-request",
                    "title": "Invalid request",
                    "status": 400,
                    "detail": "query.limit: Must be less than or equal to 100.",
                    "field": "query.limit",
                    "errors": [{"field": "query.limit", "detail": "Must be less than or equal to 100."}],
                }
            ]
        }
    )

    type: str = Field(description="Stable name of the kind of problem: compare this, not the texts.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status again.")
    detail: str = Field(description="What happened this time, and what is allowed.")
    field: str | None = Field(None, description="The field at fault, if it is one.")
    errors: list[FieldProblem] | None = Field(None, description="All fields at fault, if there are any.")
