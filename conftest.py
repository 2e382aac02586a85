"""Every pytest process runs on real servers: the ones in DATABASE_URL and REDIS_URL, else fresh ones of its own."""

import atexit
import os
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
from django.conf import settings

from config.embedded import Servers, StartError

# Django's settings are read from the environment when conftest files below this one import models.
_data_dir = Path(tempfile.mkdtemp(prefix="porchlight-test-"))
_servers = Servers(
    _data_dir,
    durable=False,
    max_connections=200,
    postgres="DATABASE_URL" not in os.environ,
    valkey="REDIS_URL" not in os.environ,
)
# Not at pytest's own end: an error while conftest files are read must clean up as well.
atexit.register(_servers.folder.remove)
atexit.register(_servers.stop)
try:
    _servers.start()
except StartError as error:
    pytest.exit(f"Test servers: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR)

if _servers.postgres.running:
    os.environ["DATABASE_URL"] = _servers.database_url
if _servers.valkey.running:
    os.environ["REDIS_URL"] = _servers.redis_url
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789-abcdef",
    "PUBLIC_URL": "http://localhost:8000",
    "DEBUG": "0",
    # A pool keeps connections of ended threads open, and a test database with open connections cannot be dropped.
    "DATABASE_POOL": "0",
    # Keeps the settings of a `make run` next door out.
    "DATA_DIR": str(_data_dir),
}
for _name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
    os.environ.pop(_name, None)
django.setup()
# Slow on purpose, which is for passwords that matter.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# How long an example takes says something about this machine today, not about the code.
hypothesis.settings.register_profile(
    "porchlight", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("porchlight")


@pytest.fixture(scope="session")
def servers() -> Servers:
    """The servers of this run. A test that stops or kills one starts it again."""
    return _servers
