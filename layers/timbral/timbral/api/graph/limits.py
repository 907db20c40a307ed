"""What a query may cost, reckoned before anything of it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    VariableNode,
)

from timbral.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, SelectionSetNode

MOST_DEPTH = 10
MOST_COST = 20_000
LISTS = {"recommendations": 12, "tracks": 1, "similar": 10, "search": 20, "mixes": 8}
"""How many a list field gives where the query doesn't say; `limit` says it."""
INTROSPECTION = ("__schema", "__type")
MOST_INTROSPECTED_DEPTH = 16
"""Whoever is let in may ask for the schema, with the tools' own query, whose types nest deeper than music."""
SCHEMA_LISTS = {"types": 25, "fields": 8}
"""About how many the schema's own lists give; asked for within each other they soon cost too much."""
CAROUSELS_COUNT = 5


def check_limits(document: DocumentNode, variables: Mapping[str, Any]) -> None:
    """Refuse a query that is too deep or asks for too much.

    Each field costs one for every time that the lists around it make it be answered.

    Raises:
        InvalidRequest: It is; the message says what is allowed.
    """
    fragments = {
        found.name.value: found for found in document.definitions if isinstance(found, FragmentDefinitionNode)
    }
    for found in document.definitions:
        if isinstance(found, OperationDefinitionNode):
            cost = _Cost(fragments, variables).of(found.selection_set, 1, 1)
            if cost > MOST_COST:
                msg = f"the query may cost {MOST_COST}, and asks for more: lower its limits or its depth"
                raise InvalidRequest(msg, "body.query")


class _Cost:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables

    def of(
        self, selected: SelectionSetNode | None, times: int, depth: int, most_depth: int = MOST_DEPTH
    ) -> int:
        if selected is None:
            return 0
        if depth > most_depth:
            msg = f"the query may be {most_depth} fields deep, and is deeper"
            raise InvalidRequest(msg, "body.query")
        cost = 0
        for one in selected.selections:
            if isinstance(one, FieldNode):
                within = MOST_INTROSPECTED_DEPTH if one.name.value in INTROSPECTION else most_depth
                repeated = min(times * self._count(one), MOST_COST + 1)
                cost += times + self.of(one.selection_set, repeated, depth + 1, within)
            elif isinstance(one, InlineFragmentNode):
                cost += self.of(one.selection_set, times, depth, most_depth)
            elif isinstance(one, FragmentSpreadNode):
                cost += self.of(self._fragments[one.name.value].selection_set, times, depth, most_depth)
            if cost > MOST_COST:
                return cost
        return cost

    def _count(self, field: FieldNode) -> int:
        usual = LISTS.get(field.name.value) or SCHEMA_LISTS.get(field.name.value)
        if usual is None:
            return 1
        for argument in field.arguments or ():
            if argument.name.value == "limit":
                given = argument.value
                value = self._variables.get(given.name.value) if isinstance(given, VariableNode) else None
                value = int(given.value) if isinstance(given, IntValueNode) else value
                usual = value if isinstance(value, int) and value > 0 else usual
        return usual * CAROUSELS_COUNT if field.name.value == "recommendations" else usual
