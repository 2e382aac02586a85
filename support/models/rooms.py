"""Room: one customer's conversation. RoomHead: the end of its log, moved by every insert."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.actor import Actor
from support import limits
from support.models.customers import Customer
from support.models.sites import Site


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, actor: Actor) -> "RoomQuerySet":
        """The rooms this actor may read and write. Every lookup goes through here; absent and foreign look alike."""
        if actor.is_customer:
            return self.filter(customer_id=actor.id, site_id=actor.site_id)
        return self.filter(site__in=Site.objects.visible_to(actor))


class Room(models.Model):
    """Indexed columns change on transitions only, so that a plain message rewrites no index of this table."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="rooms")
    key = models.UUIDField(help_text="Made by the customer's client before the first message.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_rooms"
    )
    waiting_since = models.DateTimeField(null=True, editable=False, help_text="The customer's oldest unanswered text.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("customer", "key"), name="one_room_per_customer_and_key")]
        indexes = [
            models.Index(fields=("site", "status", "waiting_since", "-id"), name="room_by_waiting"),
            models.Index(fields=("owner", "status", "waiting_since", "-id"), name="room_by_owner"),
        ]
        # Shown in the admin only, where a room is what is read afterwards.
        verbose_name = "transcript"

    def __str__(self) -> str:
        return f"Conversation {self.pk}"


class RoomHead(models.Model):
    """The end of a room's log. No index but the key and free space on each page: every update is HOT.

    Only the trigger on Message writes it. Whoever changes a room locks its head first, then the room.
    """

    room = models.OneToOneField(Room, primary_key=True, on_delete=models.CASCADE, related_name="head")
    seq = models.BigIntegerField(default=0)
    public_seq = models.BigIntegerField(default=0)
    digest = models.BinaryField(default=b"")
    customer_texts = models.BigIntegerField(default=0)
    staff_texts = models.BigIntegerField(default=0)
    last_author = models.CharField(max_length=64, default="")
    last_name = models.CharField(max_length=limits.NAME_CHARACTERS, default="")
    last_text = models.CharField(max_length=limits.PREVIEW_CHARACTERS, default="")
    last_text_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Head of conversation {self.room_id} at {self.seq}"
