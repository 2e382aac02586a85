"""`python -m config.run.prepare RESULT`: bring the database up to date, seed the demo, write what was seeded.

One process for both, as starting Django takes longer than either.
"""

import io
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(result: Path) -> None:
    """Migrates and seeds; running it again changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    seeded = io.StringIO()
    call_command("seed_demo", stdout=seeded)
    result.write_text(seeded.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
