"""Ground: what all rows stand on: PostgreSQL, Valkey, a network, a folder, and Django's settings for this process."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import django

from config.embedded import Servers
from config.run.options import ROOT
from tests.faults import driver
from tests.faults.network import Network
from tests.faults.sabotage import copy, damage

SECRET = "only-for-fault-tests-0123456789-0123456789-0123456789"


class Ground:
    """Everything is gone afterwards. Modules with models can be imported once it is entered."""

    def __init__(self, sabotage: str = "") -> None:
        self.sabotage = sabotage
        self.folder = Path(tempfile.mkdtemp(prefix="porchlight-faults-"))
        # Where the servers under test are run from.
        self.source = copy(sabotage, self.folder / "source") if sabotage else ROOT
        # Durable, as in production: a killed PostgreSQL must have what it confirmed.
        self.servers = Servers(self.folder / "data", max_connections=200)
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        if not os.environ.get("KEEP_LOGS"):
            self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._ends.callback(self.servers.folder.remove)
        self._ends.callback(self.servers.stop)
        try:
            driver.build(self.source)
            self.servers.start()
            self.network = self._ends.enter_context(Network())
            self._set_up_django()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def _set_up_django(self) -> None:
        os.environ |= {
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "SECRET_KEY": SECRET,
            "PUBLIC_URL": "http://localhost:8000",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_POOL": "0",
            "DATA_DIR": str(self.folder),
        }
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        if self.sabotage:
            damage(self.sabotage, self.servers.database_url)
