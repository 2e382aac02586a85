"""The admin application, with Porchlight's own admin site."""

from django.contrib.admin.apps import AdminConfig


class PorchlightAdmin(AdminConfig):
    default_site = "config.admin.PorchlightAdminSite"
