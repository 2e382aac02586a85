"""Allowed origins in a form: one on each line, and the wrong line is named."""

from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from support.origin import Origin, validate_origin

# A wall of complaints helps nobody.
COMPLAINTS: Final = 5


class OriginsField(forms.CharField):
    """Cleans to a list of origins, each once, in the order written."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 5, "cols": 60, "spellcheck": "false", "dir": "ltr"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), "\n".join(_lines(data or "").values()))

    def clean(self, value: Any) -> Any:
        lines = _lines(super().clean(value))
        complaints = [complaint for number, text in lines.items() if (complaint := _complaint(number, text))]
        if complaints:
            raise ValidationError(complaints[:COMPLAINTS])
        return list(dict.fromkeys(lines.values()))


def _lines(text: str) -> dict[int, str]:
    """What is written, by the number of its line."""
    return {number: line.strip() for number, line in enumerate(text.splitlines(), 1) if line.strip()}


def _complaint(number: int, text: str) -> ValidationError | None:
    try:
        validate_origin(text)
    except ValidationError as error:
        meant = _meant(text)
        words = f"{text} is not an origin. Did you mean {meant}?" if meant else error.messages[0]
        return ValidationError(f"Line {number}: {words}")
    return None


def _meant(text: str) -> Origin | None:
    """The origin of the page whose address somebody pasted."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    return Origin.parse(f"{parts.scheme}://{parts.netloc.lower()}")
