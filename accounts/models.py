"""Who works here: Agent (the user model) and Team."""

import hashlib
import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models


class Team(models.Model):
    """Agents who answer for the same sites."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Agent(AbstractUser):
    """A person who answers customers. The role `admin` may also set up sites and read every transcript."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        ADMIN = "admin", "Admin"

    role = models.CharField(max_length=8, choices=Role.choices, default=Role.AGENT)
    display_name = models.CharField(max_length=80, blank=True, help_text="What customers see. Empty: the first name.")
    teams = models.ManyToManyField(Team, blank=True, related_name="agents")
    away = models.BooleanField(default=False, editable=False, help_text="Chosen in the inbox. Presence is in Redis.")
    last_seen_at = models.DateTimeField(null=True, editable=False, help_text="When they last left the inbox.")

    class Meta(AbstractUser.Meta):
        verbose_name = "agent"
        verbose_name_plural = "agents"

    def __str__(self) -> str:
        return self.public_name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """An admin has every permission on our own tables; others have what was granted to them."""
        return self._sets_up(perm.partition(".")[0]) or super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self._sets_up(app_label) or super().has_module_perms(app_label)

    def _sets_up(self, app_label: str) -> bool:
        return self.is_active and self.role == self.Role.ADMIN and app_label in ("accounts", "support")

    @property
    def public_name(self) -> str:
        """What customers see of this agent: never the login name or an e-mail address."""
        return (self.display_name or self.first_name or "Support")[:80]


class ApiToken(models.Model):
    """A secret by which a program acts as a bot. Only its digest is stored; the secret is shown once."""

    name = models.CharField(max_length=80, help_text="What the bot is called in conversations.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        """SHA-256 is enough: the secret has 256 random bits, nothing can be guessed from the digest."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, name: str) -> tuple["ApiToken", str]:
        """Create a token; the second value is its secret, which is not kept anywhere."""
        secret = "plt_" + secrets.token_urlsafe(32)
        return cls.objects.create(name=name, digest=cls.digest_of(secret)), secret
