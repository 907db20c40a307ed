"""Reading a plain request: path and query straight into an endpoint's arguments.

Only what is right is read here. Whatever isn't, and whatever a route asks for besides, goes through the
framework, which says what is wrong; for a request that is right it takes as long as a third of all else.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction, signature
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.params import Depends, Path, Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

Dependency = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True)
class QueryModel:
    """A model that takes the whole query.

    Attributes:
        model: The model.
        lists: Its fields that may be given several times.
        unasked: What no query at all means.
    """

    model: type[BaseModel]
    lists: frozenset[str]
    unasked: BaseModel

    def read(self, request: Request) -> BaseModel:
        """Return the query.

        Raises:
            ValidationError: It isn't what the model takes.
        """
        if not request.scope["query_string"]:
            return self.unasked
        given = request.query_params
        values = {name: given.getlist(name) if name in self.lists else given[name] for name in given}
        return self.model.model_validate(values)


@dataclass(frozen=True)
class PlainEndpoint:
    """An endpoint that takes path, query and what is told from the request, and gives a dictionary.

    Attributes:
        endpoint: The function.
        dependencies: What its arguments depend on, by name; coroutine functions that never wait.
        paths: Arguments from the path.
        queries: Arguments from the query.
    """

    endpoint: Callable[..., dict[str, Any]]
    dependencies: dict[str, Dependency]
    paths: dict[str, TypeAdapter[Any]]
    queries: dict[str, QueryModel]

    @classmethod
    def of(cls, endpoint: Callable[..., Any]) -> "PlainEndpoint | None":
        """Return an endpoint as a plain one; None if it is none."""
        declared = signature(endpoint)
        if not is_typeddict(declared.return_annotation):
            return None
        found = cls(endpoint, {}, {}, {})
        is_plain = [found._takes(name, one.annotation) for name, one in declared.parameters.items()]
        return found if all(is_plain) else None

    def _takes(self, name: str, hint: Any) -> bool:
        """Note where an argument comes from; say no if it is from elsewhere."""
        kind, *notes = get_args(hint) or (hint,)
        for note in notes:
            if isinstance(note, Depends) and note.dependency and _is_simple(note.dependency):
                self.dependencies[name] = note.dependency
                return True
            if isinstance(note, Path):
                self.paths[name] = TypeAdapter(hint)
                return True
            if isinstance(note, Query) and isinstance(kind, type) and issubclass(kind, BaseModel):
                fields = kind.model_fields.items()
                lists = frozenset(field for field, info in fields if get_origin(info.annotation) is list)
                self.queries[name] = QueryModel(kind, lists, kind())
                return True
        return False

    def arguments(self, request: Request, parts: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the arguments that the request itself gives; None if it isn't right.

        Args:
            request: The request.
            parts: What its path gives, by name.
        """
        named: dict[str, Any] = {}
        try:
            for name, adapter in self.paths.items():
                named[name] = adapter.validate_python(parts[name])
            for name, query in self.queries.items():
                named[name] = query.read(request)
        except ValidationError:
            return None
        return named

    async def answer(self, request: Request, named: dict[str, Any]) -> dict[str, Any]:
        """Answer a request that is right.

        Args:
            request: The request.
            named: Its `arguments`.
        """
        for name, dependency in self.dependencies.items():
            named[name] = await dependency(request)
        return self.endpoint(**named)


def _is_simple(dependency: Callable[..., Any]) -> bool:
    """Return whether a dependency is a coroutine function of the request alone."""
    if not iscoroutinefunction(dependency):
        return False
    annotations = [one.annotation for one in signature(dependency).parameters.values()]
    return annotations == [Request]
