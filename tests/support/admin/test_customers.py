"""Customers in the admin."""

from urllib.parse import quote

import pytest
from django.test import Client

from support.admin.customers import FirstThousand
from support.models import Customer, Site
from tests.support.admin.conftest import Talk

LIST = "/admin/support/customer/"


def test_only_the_name_can_be_changed(admin: Client, talk: Talk) -> None:
    """Site, reference and time stay, and there is no adding or deleting."""
    other = Site.objects.create(name="Other")
    url = f"{LIST}{talk.customer.id}/change/"
    admin.post(url, {"name": "Caroline", "site": other.pk, "id": "x"})
    customer = Customer.objects.get()
    assert (customer.name, customer.site_id, str(customer.pk)) == ("Caroline", talk.ref.site_id, talk.customer.id)
    assert admin.get(LIST + "add/").status_code == 403
    assert admin.post(f"{LIST}{customer.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_page_leads_to_the_conversations(admin: Client, talk: Talk) -> None:
    """All of them, of this customer only."""
    Talk(talk.room.site, name="Mallory")
    page = admin.get(f"{LIST}{talk.customer.id}/change/").content.decode()
    assert f"/admin/support/room/?customer={talk.customer.id}" in page
    found = admin.get(f"/admin/support/room/?customer={talk.customer.id}").content.decode()
    assert talk.url in found
    assert "Mallory" not in found


@pytest.mark.parametrize(("words", "found"), [("car", True), ("ref", True), ("nobody", False), ("\0", False)])
def test_customers_are_found_by_name_or_reference(admin: Client, talk: Talk, words: str, found: bool) -> None:
    """Part of the name, or the whole reference as it is shown."""
    words = talk.customer.ref if words == "ref" else words
    page = admin.get(f"{LIST}?q={quote(words)}", follow=True).content.decode()
    assert (f"{talk.customer.id}/change/" in page) is found or "\0" in words


def test_counting_stops_at_a_thousand(site: Site) -> None:
    """However many customers there are."""
    Customer.objects.bulk_create([Customer(site=site) for _ in range(1010)])
    assert FirstThousand(Customer.objects.order_by("pk"), 50).count == 1000
