from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(name="agent", options={"verbose_name": "agent", "verbose_name_plural": "agents"}),
        migrations.AlterModelOptions(name="apitoken", options={"verbose_name": "API token"}),
    ]
