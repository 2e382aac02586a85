"""Message: one entry of a room's append-only log."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from support import limits
from support.models.message_triggers import KEEP_ENTRIES, KEEP_FIELDS, TAKE_SEQ
from support.models.rooms import Room


class Message(models.Model):
    """`seq`, `public_seq`, `salt`, `body_hash`, `digest` and `created_at` are taken inside the INSERT by the trigger.

    Commit order is seq order, without gaps. The same (author, client_id) again raises IntegrityError and leaves no gap.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NOTE = "note", "Note"
        ASSIGNMENT = "assignment", "Assignment"
        STATUS = "status", "Status"

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages", db_index=False)
    seq = models.BigIntegerField(db_default=0, editable=False)
    # What the customer sees is numbered apart, so that notes leave no hole in it; null for internal entries.
    public_seq = models.BigIntegerField(null=True, db_default=models.Value(None), editable=False)
    internal = models.BooleanField(default=False)
    client_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.TEXT)
    author = models.CharField(max_length=64)
    author_name = models.CharField(max_length=limits.NAME_CHARACTERS, blank=True)
    body = models.TextField(blank=True, default="")
    payload = models.JSONField(default=dict, blank=True)
    salt = models.BinaryField(null=True, editable=False)
    body_hash = models.BinaryField(null=True, editable=False)
    digest = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("room", "seq"), name="one_entry_per_seq"),
            models.UniqueConstraint(
                fields=("room", "public_seq"),
                name="one_entry_per_public_seq",
                condition=models.Q(public_seq__isnull=False),
            ),
            models.UniqueConstraint(fields=("room", "author", "client_id"), name="one_entry_per_client_id"),
            models.CheckConstraint(
                condition=~models.Q(kind="note") | models.Q(internal=True), name="notes_are_internal"
            ),
        ]
        triggers: tuple[pgtrigger.Trigger, ...] = (TAKE_SEQ, KEEP_FIELDS, KEEP_ENTRIES)

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of conversation {self.room_id}"
