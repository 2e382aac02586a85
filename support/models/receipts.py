"""Receipt: how far one person has read one room. Marks only move forward and are never part of the log."""

from django.db import models

from support.models.rooms import Room


class Receipt(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    reader = models.CharField(max_length=64)
    seen = models.BigIntegerField(default=0, help_text="The newest seq that was on screen.")
    # What of the other side's counter lay at or before `seen`: unread is a subtraction, not a count.
    texts = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("room", "reader"), name="one_receipt_per_reader")]

    def __str__(self) -> str:
        return f"{self.reader} saw {self.seen} of conversation {self.room_id}"
