"""The admin application, with Porchlight's own admin site; and the first to load, hence where Celery is set up."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class PorchlightAdmin(AdminConfig):
    default_site = "config.admin.PorchlightAdminSite"

    def ready(self) -> None:
        # Whoever imports a shared task after this, in any process, sends it to our broker.
        import_module("config.celery")
        super().ready()
