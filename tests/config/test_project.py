"""Django's own opinion of the project."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    """A model changed without its migration works on the author's machine only."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_system_checks_find_nothing() -> None:
    call_command("check", fail_level="WARNING")


def test_tasks_are_sent_to_our_broker() -> None:
    """Any thread of any Django process that calls a shared task finds Porchlight's Celery, not Celery's default."""
    from celery import current_app

    with ThreadPoolExecutor(1) as another:
        assert another.submit(lambda: current_app.main).result() == "porchlight"
    assert current_app.main == "porchlight"
