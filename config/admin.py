"""The admin site: Django's own, titled for Porchlight."""

from django.contrib.admin import AdminSite


class PorchlightAdminSite(AdminSite):
    site_header = "Porchlight"
    site_title = "Porchlight"
    index_title = "Administration"
