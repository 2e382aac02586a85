"""Celery: background work on the Redis that is there anyway.

Tasks are an optimisation of when, never of whether: what must not be lost has its own row in PostgreSQL,
and beat drives it again.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("porchlight")
# Celery makes an app current for the thread that made it only, and requests run on many.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
