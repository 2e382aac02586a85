"""The admin site: Django's own, titled for Porchlight."""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest

# What people come for first comes first.
ORDER: Final = ("Room", "Site", "Customer", "Agent", "Team", "ApiToken")


class PorchlightAdminSite(AdminSite):
    site_header = "Porchlight"
    site_title = "Porchlight"
    index_title = "Administration"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: ORDER.index(model["object_name"]))
        return apps
