"""`python -m config.run.prepare RESULT`: reach both servers, migrate, seed the demo, write what was seeded.

One process for all, as starting Django takes longer than any of them.
"""

import io
import os
import sys
from pathlib import Path

import django
import redis
from django.conf import settings
from django.core.management import call_command


def main(result: Path) -> None:
    """Migrates and seeds; running it again changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Without a pool an unreachable database is reported with its reason.
    os.environ["DATABASE_POOL"] = "0"
    django.setup()
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5) as client:
        client.ping()
    call_command("migrate", interactive=False, verbosity=1)
    seeded = io.StringIO()
    call_command("seed_demo", stdout=seeded)
    result.write_text(seeded.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
