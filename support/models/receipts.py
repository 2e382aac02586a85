"""Receipt: how far a room has reached one person. Marks only move forward and are never part of the log."""

from django.db import models

from support.models.rooms import Room


class Receipt(models.Model):
    """Only `actions.move` writes it, in one statement, so that a mark never goes back.

    `public_…` are the same marks as the customer counts: an entry keeps its numbers, so they never change either.
    """

    # Defaults in the database, too: a server of the version before writes here during a rolling restart.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    reader = models.CharField(max_length=64)
    delivered = models.BigIntegerField(db_default=0, help_text="The newest seq that arrived at a client of theirs.")
    seen = models.BigIntegerField(default=0, help_text="The newest seq that was on screen.")
    public_delivered = models.BigIntegerField(db_default=0)
    public_seen = models.BigIntegerField(db_default=0)
    # What of the other side's counter lay at or before `seen`: unread is a subtraction, not a count.
    texts = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("room", "reader"), name="one_receipt_per_reader")]

    def __str__(self) -> str:
        return f"{self.reader} saw {self.seen} of conversation {self.room_id}"
