"""The tables in docs/protocol.md, written from the frames, codes and limits themselves.

`python -m support.protocol.document` writes them; `--check` only says whether they are fresh.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import limits
from support.protocol import client, entities, server
from support.protocol.codes import CLOSE_MEANINGS, MEANINGS
from support.protocol.fields import Frame

PAGE = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
_SECTION = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def document(page: str) -> str:
    """The page with every marked section written anew."""
    return _SECTION.sub(lambda found: f"{found[1]}{_SECTIONS[found[2]]()}{found[3]}", page)


def _frames(*unions: Any) -> str:
    models = list(dict.fromkeys(model for union in unions for model in union.__args__))
    rows = ["| frame | fields | meaning |", "|---|---|---|"]
    for model in models:
        name = model.model_fields["type"].annotation.__args__[0]
        of = "" if all(model in union.__args__ for union in unions) else _only(model, unions)
        rows.append(f"| `{name}`{of} | {_fields(model)} | {_says(model)} |")
    return "\n".join(rows) + "\n"


def _only(model: type[Frame], unions: tuple[Any, ...]) -> str:
    return " (customers)" if model in unions[0].__args__ else " (agents)"


def _values() -> str:
    rows = ["| value | fields | meaning |", "|---|---|---|"]
    models = [value for value in vars(entities).values() if isinstance(value, type) and issubclass(value, Frame)]
    rows += [f"| `{model.__name__}` | {_fields(model)} | {_says(model)} |" for model in models if model is not Frame]
    return "\n".join(rows) + "\n"


def _fields(model: type[Frame]) -> str:
    return ", ".join(f"`{name}`" for name in model.model_fields if name != "type") or "none"


def _says(model: type[Frame]) -> str:
    return " ".join((model.__doc__ or "").split())


def _errors() -> str:
    rows = ["| code | meaning | retry | HTTP |", "|---|---|---|---|"]
    rows += [
        f"| `{code}` | {row.says} | {'yes' if row.retry else 'no'} | {row.http} |" for code, row in MEANINGS.items()
    ]
    return "\n".join(rows) + "\n"


def _closes() -> str:
    rows = ["| code | name | meaning | comes back by itself |", "|---|---|---|---|"]
    rows += [
        f"| {code.value} | {code.name.lower()} | {says} | {'no' if 4000 <= code < 4100 else 'yes'} |"
        for code, says in CLOSE_MEANINGS.items()
    ]
    return "\n".join(rows) + "\n"


def _limits() -> str:
    source = Path(limits.__file__).read_text()
    rows = ["| limit | value | reason |", "|---|---|---|"]
    for reason, name in re.findall(r"((?:^# .*\n)*)^([A-Z_]+): Final", source, re.MULTILINE):
        why = " ".join(line.removeprefix("# ") for line in reason.splitlines())
        rows.append(f"| `{name}` | {getattr(limits, name):,} | {why} |")
    return "\n".join(rows) + "\n"


_SECTIONS: dict[str, Callable[[], str]] = {
    "client": lambda: _frames(client.CustomerFrame, client.AgentFrame),
    "server": lambda: _frames(server.ServerToCustomer, server.ServerToAgent),
    "values": _values,
    "errors": _errors,
    "closes": _closes,
    "limits": _limits,
}


def main() -> int:
    before = PAGE.read_text()
    after = document(before)
    if "--check" not in sys.argv:
        PAGE.write_text(after)
    elif before != after:
        print("docs/protocol.md is stale: run `python -m support.protocol.document`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
