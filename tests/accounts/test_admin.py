"""Agents, teams and API tokens in the admin."""

import re

import pytest
from django.test import Client

from accounts.identity import bot_of_token
from accounts.models import Agent, ApiToken, Team

LIST = "/admin/accounts/agent/"
PASSWORD = "a long password"


@pytest.fixture
def grace(db: None) -> Agent:
    return Agent.objects.create_user("grace", password=PASSWORD, first_name="Grace", role="admin", is_staff=True)


@pytest.fixture
def alice(db: None) -> Agent:
    return Agent.objects.create_user("alice", password=PASSWORD, first_name="Alice")


@pytest.fixture
def root(db: None) -> Agent:
    return Agent.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def admin(grace: Agent) -> Client:
    """Grace's browser."""
    client = Client()
    client.force_login(grace)
    return client


def url_of(agent: Agent) -> str:
    return f"{LIST}{agent.pk}/change/"


def form(agent: Agent, **changes: object) -> dict[str, object]:
    return {"username": agent.username, "role": agent.role, "is_active": "on", **changes}


def enters(agent: Agent) -> bool:
    client = Client()
    client.force_login(agent)
    return client.get("/admin/").status_code == 200


def test_the_home_page_has_what_an_admin_needs(admin: Client) -> None:
    """Transcripts first of all; no groups, no rows of the log."""
    page = admin.get("/admin/").content.decode()
    for name in ("Porchlight", "Transcripts", "Sites", "Customers", "Agents", "Teams", "API tokens"):
        assert name in page
    assert "Groups" not in page
    assert "Messages" not in page


def test_a_new_agent_answers_but_does_not_enter_here(admin: Client) -> None:
    """The role decides."""
    new = {"username": "bob", "password1": "violet-kettle-31", "password2": "violet-kettle-31", "first_name": "Bob"}
    assert admin.post(f"{LIST}add/", {**new, "role": "agent"}).status_code == 302
    bob = Agent.objects.get(username="bob")
    assert bob.check_password("violet-kettle-31")
    assert not enters(bob)


def test_a_new_admin_enters(admin: Client) -> None:
    """And may see every table of ours."""
    new = {"username": "ada", "password1": "violet-kettle-31", "password2": "violet-kettle-31", "role": "admin"}
    admin.post(f"{LIST}add/", new)
    ada = Agent.objects.get(username="ada")
    assert enters(ada)
    assert ada.has_perm("support.view_room")
    assert ada.has_perm("accounts.change_agent")
    assert not ada.has_perm("auth.change_group")
    assert not ada.is_superuser


@pytest.mark.parametrize("password", ["short", "password1234", "1234567890123"])
def test_weak_passwords_are_refused(admin: Client, password: str) -> None:
    """By the same rules as everywhere."""
    admin.post(f"{LIST}add/", {"username": "bob", "password1": password, "password2": password, "role": "agent"})
    assert not Agent.objects.filter(username="bob").exists()


def test_the_role_opens_and_closes_the_door(admin: Client, alice: Agent) -> None:
    """Made an admin, Alice enters; made an agent again, she does not."""
    admin.post(url_of(alice), form(alice, role="admin"))
    alice.refresh_from_db()
    assert enters(alice)
    admin.post(url_of(alice), form(alice, role="agent"))
    alice.refresh_from_db()
    assert not enters(alice)
    assert not alice.has_perm("support.view_room")


def test_an_inactive_admin_has_no_permissions(grace: Agent) -> None:
    """Whatever the role says."""
    grace.is_active = False
    assert not grace.has_perm("support.view_room")
    assert not grace.has_module_perms("support")


def test_nobody_gives_more_than_the_role(admin: Client, alice: Agent) -> None:
    """Fields that are not on the form are not taken."""
    admin.post(url_of(alice), form(alice, is_superuser="on", is_staff="on", user_permissions=["1"], groups=["1"]))
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_staff) == (False, False)
    assert not alice.user_permissions.exists()


def test_a_superuser_is_out_of_an_admins_reach(admin: Client, root: Agent) -> None:
    """Neither the account nor its password."""
    assert admin.post(url_of(root), form(root, is_active="")).status_code == 403
    new = {"password1": "violet-kettle-31", "password2": "violet-kettle-31", "usable_password": "true"}
    assert admin.post(f"{LIST}{root.pk}/password/", new).status_code == 403
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password(PASSWORD)


def test_admins_do_not_lock_themselves_out(admin: Client, grace: Agent, root: Agent) -> None:
    """Their own role and account are not on their own form, also not for a superuser."""
    admin.post(url_of(grace), {"username": "grace", "role": "agent", "first_name": "Gracie"})
    grace.refresh_from_db()
    assert (grace.first_name, grace.role, grace.is_active, grace.is_staff) == ("Gracie", "admin", True, True)
    browser = Client()
    browser.force_login(root)
    browser.post(url_of(root), {"username": "root", "role": "admin"})
    root.refresh_from_db()
    assert (root.role, root.is_active, root.is_staff) == ("admin", True, True)


def test_who_leaves_is_made_inactive_not_deleted(admin: Client, alice: Agent) -> None:
    """Conversations go on naming them."""
    assert admin.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(url_of(alice), form(alice, is_active=""))
    alice.refresh_from_db()
    assert not alice.is_active


def test_a_password_that_an_admin_sets_works(admin: Client, alice: Agent) -> None:
    """For somebody who has forgotten theirs."""
    new = {"password1": "violet-kettle-31", "password2": "violet-kettle-31", "usable_password": "true"}
    admin.post(f"{LIST}{alice.pk}/password/", new)
    alice.refresh_from_db()
    assert alice.check_password("violet-kettle-31")


def test_lists_cost_the_same_for_many(admin: Client, django_assert_max_num_queries: object) -> None:
    """Agents with their teams, teams with their agents."""
    for n in range(20):
        team = Team.objects.create(name=f"Team {n}")
        Agent.objects.create_user(f"agent{n}").teams.add(team)
    for url in (LIST, "/admin/accounts/team/"):
        with django_assert_max_num_queries(9):  # type: ignore[operator]
            assert "Team 19" in admin.get(url).content.decode()


def test_a_tokens_secret_is_shown_exactly_once(admin: Client) -> None:
    """On the page after it was made; it works, and nothing of it is stored."""
    answer = admin.post("/admin/accounts/apitoken/add/", {"name": "Night bot", "active": ""})
    assert "no-store" in answer["Cache-Control"]
    page = admin.get(answer["Location"]).content.decode()
    (secret,) = re.findall(r"<code>(plt_[\w-]+)</code>", page)
    token = ApiToken.objects.get()
    actor = bot_of_token(secret)
    assert actor is not None
    assert actor.name == "Night bot"
    assert secret not in str(ApiToken.objects.values().get())
    for url in ("/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{token.pk}/change/", "/admin/"):
        assert secret not in admin.get(url).content.decode()


def test_a_token_can_be_renamed_and_switched_off(admin: Client) -> None:
    """Its digest stays, and it is never deleted."""
    token, secret = ApiToken.issue("Bot")
    url = f"/admin/accounts/apitoken/{token.pk}/"
    admin.post(f"{url}change/", {"name": "Old bot", "active": "", "digest": "x"})
    assert bot_of_token(secret) is None
    assert ApiToken.objects.values_list("name", "digest").get() == ("Old bot", ApiToken.digest_of(secret))
    assert admin.post(f"{url}delete/", {"post": "yes"}).status_code == 403
