"""DynamoDB: update expressions that MiniStack would carry out in part are refused as a whole, empty sets too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from ministack.services import dynamodb

from local_cloud import patching

_Token = tuple[str, str]
_Path = Sequence[str | int]
_CLAUSES: Final = frozenset({"ADD", "DELETE", "REMOVE", "SET"})
_OVER: Final = "EOF"
_SETS: Final = ("SS", "NS", "BS")


def install() -> None:
    """Check update expressions before they are carried out."""
    patching.replace(
        "update expressions are whole", dynamodb, "_apply_update_expression", "clauses[current_clause]", by=_applying
    )


def _applying(apply: Callable[..., Any]) -> Callable[..., Any]:
    def apply_update_expression(
        item: Mapping[str, Any],
        expression: str,
        values: Mapping[str, Any],
        names: Mapping[str, str],
        updated: set[Any] | None = None,
    ) -> object:
        problem = _problem(expression, names)
        # MiniStack makes a ValidationException of it.
        if problem:
            raise ValueError(f"Invalid UpdateExpression: {problem}")
        if any(value.get(kind) == [] for value in values.values() for kind in _SETS):
            raise ValueError("One or more parameter values were invalid: a set may not be empty")
        return apply(item, expression, values, names, updated)

    return apply_update_expression


def _problem(expression: str, names: Mapping[str, str]) -> str | None:
    clauses = list(_clauses(dynamodb._tokenize(expression)))
    kinds = [kind for kind, _ in clauses]
    twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
    if twice:
        return f'The "{twice}" section can only be used once in an update expression;'
    paths: list[_Path] = []
    for kind, tokens in clauses:
        for action in _actions(tokens):
            target = _target(kind, action)
            if not target:
                written = " ".join(text for _, text in action)
                return f'Syntax error; token: "{kind}", near: "{kind} {written}"'
            paths.append(dynamodb._parse_path_from_tokens(target, names))
    return _overlap(paths)


def _clauses(tokens: Sequence[_Token]) -> Iterator[tuple[str, list[_Token]]]:
    kind, found = None, list[_Token]()
    for token in tokens:
        if token[0] == "IDENT" and token[1].upper() in _CLAUSES:
            if kind:
                yield kind, found
            kind, found = token[1].upper(), []
        elif token[0] != _OVER:
            found.append(token)
    if kind:
        yield kind, found


def _actions(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """Split a clause at its commas; unlike MiniStack's, an empty part counts."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"LPAREN": 1, "RPAREN": -1}.get(token[0], 0)
        if token[0] == "COMMA" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _target(kind: str, action: Sequence[_Token]) -> Sequence[_Token]:
    """Return the path that an action writes, empty if the action is not complete."""
    kinds = [token[0] for token in action]
    if kind == "REMOVE":
        return action
    if kind == "SET":
        equals = kinds.index("EQ") if "EQ" in kinds else 0
        return action[:equals] if len(action) > equals + 1 else ()
    return action[:-1] if kinds[-1:] == ["VALUE_REF"] else ()


def _overlap(paths: Sequence[_Path]) -> str | None:
    for one, two in combinations(paths, 2):
        if all(first == second for first, second in zip(one, two, strict=False)):
            return (
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                f"path one: {_written(one)}, path two: {_written(two)}"
            )
    return None


def _written(path: _Path) -> str:
    return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in path) + "]"
