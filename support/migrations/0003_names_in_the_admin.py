from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("support", "0002_room_head_fillfactor")]

    operations = [migrations.AlterModelOptions(name="room", options={"verbose_name": "transcript"})]
