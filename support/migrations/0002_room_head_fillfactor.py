"""Leaves free space on every page of heads, so that each update is HOT: no index is touched, nothing to vacuum later."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE support_roomhead SET (fillfactor = 70)", "ALTER TABLE support_roomhead RESET (fillfactor)"
        )
    ]
