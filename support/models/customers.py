"""Customer: somebody who has written. Visitors who only look have no row."""

import uuid

from django.db import models

from accounts.actor import visitor_name
from support import limits
from support.models.sites import Site


class Customer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="customers")
    name = models.CharField(max_length=limits.NAME_CHARACTERS, blank=True)
    last_seen_at = models.DateTimeField(null=True, editable=False, help_text="When they were last here and left.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.public_name

    @property
    def ref(self) -> str:
        return f"customer:{self.id}"

    @property
    def public_name(self) -> str:
        """What agents see: the name given, or one that tells anonymous visitors apart."""
        return self.name or visitor_name(self.id)
