"""The pages: the inbox, and the hosted chat of a site."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import ensure_csrf_cookie

from support.origin import Origin
from support.site_cards import site_by_key

TRUSTED_TYPES = {"require-trusted-types-for": ["'script'"]}


def home(request: HttpRequest) -> HttpResponse:
    return redirect("inbox")


@login_required
@ensure_csrf_cookie
def inbox(request: HttpRequest) -> HttpResponse:
    return _with_policy(render(request, "support/inbox.html", {"assets": _inbox_assets()}), TRUSTED_TYPES)


@xframe_options_exempt
def chat(request: HttpRequest, key: str) -> HttpResponse:
    """The widget as a page of its own, to link to or to frame; only the site's own pages may frame it."""
    site = site_by_key(key)
    if site is None:
        raise Http404("There is no site with this key.")
    response = render(request, "support/chat.html", {"site": site})
    # Parsed once more, as a policy is text: what is no origin could say anything in it.
    framing = [str(origin) for text in site.allowed_origins if (origin := Origin.parse(text))]
    return _with_policy(response, {"frame-ancestors": ["'self'", *framing], **TRUSTED_TYPES})


@cache
def _inbox_assets() -> dict[str, Any]:
    """The names that the last build gave the inbox' files."""
    manifest = json.loads((settings.BASE_DIR / "frontend" / "static" / "inbox" / "manifest.json").read_text())
    entry = next(chunk for chunk in manifest.values() if chunk.get("isEntry"))
    return {"script": entry["file"], "styles": entry.get("css", [])}


def _with_policy(response: HttpResponse, replaced: dict[str, list[str]]) -> HttpResponse:
    response._csp_replace = replaced  # type: ignore[attr-defined]  # where django-csp looks for a view's own directives
    return response
