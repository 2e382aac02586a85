"""PresenceEvent: a join or a leave, as the journal had it, kept for transcripts."""

from django.db import models


class PresenceEvent(models.Model):
    """Somebody came to a topic of presence or left it. Visitors who never wrote leave none.

    `entry` is the journal's: stored twice, it is one row.
    """

    entry = models.CharField(max_length=48, unique=True)
    topic = models.CharField(max_length=64)
    person = models.CharField(max_length=64)
    present = models.BooleanField()
    cause = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=("topic", "at"), name="presence_event_by_topic")]

    def __str__(self) -> str:
        return f"{self.person} {'came to' if self.present else 'left'} {self.topic}"
