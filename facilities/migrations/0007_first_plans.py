"""The planned days that projects have become their first plans."""

from django.db import migrations

FILL = """
    INSERT INTO facilities_plannedstage (project_id, stage, planned_on, reason, recorded_at, is_sample)
    SELECT p.id, plan.stage, plan.day, '', now(), p.is_sample
    FROM facilities_project p
    CROSS JOIN LATERAL (VALUES (5, p.planned_start), (10, p.planned_finish)) AS plan (stage, day)
    WHERE plan.day IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0006_construction_whole"),
    ]

    # Backwards the table goes with the migration before; the days themselves never left the projects.
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
