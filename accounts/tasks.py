"""What beat does for accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def forget_expired_sessions() -> None:
    """Sessions past their end leave the table; the ones that count are untouched."""
    call_command("clearsessions")
