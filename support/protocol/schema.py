"""The protocol as one JSON Schema, from which the TypeScript types are generated.

`python -m support.protocol.schema` prints it.
"""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from support import limits
from support.protocol import client, server
from support.protocol.codes import CLOSE_MEANINGS, MEANINGS
from support.protocol.http import SessionAnswer, SessionRequest

_UNIONS: dict[str, Any] = {
    "CustomerFrame": client.CustomerFrame,
    "AgentFrame": client.AgentFrame,
    "ServerToCustomer": server.ServerToCustomer,
    "ServerToAgent": server.ServerToAgent,
}


def schema() -> dict[str, Any]:
    """Definitions of every frame, the four unions, and the tables of codes and limits that clients show."""
    models: set[type[BaseModel]] = {SessionRequest, SessionAnswer}
    models.update(*(union.__args__ for union in _UNIONS.values()))
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in ordered], ref_template="#/$defs/{model}")
    defs = dict(sorted(definitions["$defs"].items()))
    for name, union in _UNIONS.items():
        defs[name] = {"oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in union.__args__]}
    return {"$defs": defs, "x-errors": _errors(), "x-closes": _closes(), "x-limits": _limits()}


def _errors() -> dict[str, Any]:
    return {code.value: {"says": meaning.says, "retry": meaning.retry} for code, meaning in MEANINGS.items()}


def _closes() -> dict[str, Any]:
    return {str(code.value): {"name": code.name, "says": says} for code, says in CLOSE_MEANINGS.items()}


def _limits() -> dict[str, float]:
    return {name: value for name, value in vars(limits).items() if name.isupper()}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
