"""Who may read transcripts; that nobody changes one here."""

import pytest
from django.test import Client

from accounts.models import Agent
from support.models import Message
from tests.support.admin.conftest import Talk, signed_in

LIST = "/admin/support/room/"


def test_a_stranger_is_sent_to_the_sign_in(talk: Talk) -> None:
    """Nothing of the conversation is in the answer."""
    for url in (LIST, talk.url):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_an_agent_cannot_enter(alice: Agent, talk: Talk) -> None:
    """Not with the role agent, and not by knowing an address."""
    for url in ("/admin/", LIST, talk.url, "/admin/support/site/", "/admin/accounts/agent/"):
        assert signed_in(alice).get(url).status_code == 302


def test_an_admin_reads_a_transcript_without_being_a_superuser(admin: Client, grace: Agent, talk: Talk) -> None:
    """The role is enough."""
    assert not grace.is_superuser
    assert "Hello" in admin.get(talk.url).content.decode()
    assert "Carol" in admin.get(LIST).content.decode()


def test_an_inactive_admin_reads_nothing(grace: Agent, talk: Talk) -> None:
    """Also with a session from before."""
    browser = signed_in(grace)
    Agent.objects.filter(pk=grace.pk).update(is_active=False)
    assert browser.get(talk.url).status_code == 302


def test_staff_without_the_permission_read_nothing(alice: Agent, talk: Talk) -> None:
    """Entering the admin is one right, reading transcripts another."""
    Agent.objects.filter(pk=alice.pk).update(is_staff=True)
    assert signed_in(alice).get(talk.url).status_code == 403
    assert signed_in(alice).get(LIST).status_code == 403


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_changes_or_deletes_a_conversation(grace: Agent, talk: Talk, superuser: bool) -> None:
    """Not even a superuser: every address that could is refused, and nothing has changed afterwards."""
    Agent.objects.filter(pk=grace.pk).update(is_superuser=superuser)
    browser = signed_in(grace)
    before = list(Message.objects.values_list("body", "digest"))
    base = talk.url.removesuffix("change/")
    assert browser.post(talk.url, {"status": "resolved", "_save": "Save"}).status_code == 405
    assert browser.post(base + "delete/", {"post": "yes"}).status_code == 403
    assert browser.get(base + "delete/").status_code == 403
    assert browser.get(LIST + "add/").status_code == 403
    assert browser.post(LIST + "add/", {}).status_code == 403
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [talk.ref.id], "post": "yes"})
    assert list(Message.objects.values_list("body", "digest")) == before
    assert talk.room.status == "open"


@pytest.mark.parametrize("table", ["message", "roomhead", "receipt"])
def test_the_log_itself_is_not_in_the_admin(admin: Client, table: str) -> None:
    """There is no page for its rows."""
    assert admin.get(f"/admin/support/{table}/").status_code == 404


@pytest.mark.parametrize("key", ["0", "9" * 30, "x", "1_0", "%00", "../1"])
def test_a_conversation_that_is_not_there(admin: Client, key: str) -> None:
    """A word about it on the next page, or not found; never an error."""
    assert admin.get(f"/admin/support/room/{key}/change/").status_code in (302, 404)
