"""The same gate in front of HTTP bodies and queries as in front of a socket's frames."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from support.protocol.codes import ErrorCode, Refused
from support.protocol.gate import read_json


class GateParser(Parser):
    """Raises Refused for what PostgreSQL cannot store or a socket would not take. Text comes out in NFC."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            text = request.body.decode()
        except UnicodeDecodeError:
            raise Refused(ErrorCode.NOT_JSON) from None
        return read_json(text)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        return read_json(json.dumps(super().parse_querydict(data, list_fields, request)))
