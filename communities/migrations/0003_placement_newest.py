"""An index for the scope of the counties: is there a later placement of the same community?"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0002_sample_day"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["community", "valid_from"], name="placement_newest"),
        ),
    ]
