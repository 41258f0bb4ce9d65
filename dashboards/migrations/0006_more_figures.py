"""Figures of steps, kinds, sources and lights are computed once on data that is there.

Backwards nothing is lost: figures that the version before does not know stay until it computes their units again.
"""

from django.db import migrations

# Nothing but a mark would: a unit's figures are computed when its records change.
COMPUTE = """
    INSERT INTO dashboards_mark (unit_id, source, created_at)
    SELECT NULL, 'new indicators', now()
    WHERE EXISTS (SELECT 1 FROM communities_reportingquarter WHERE state = 'open')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dashboards", "0005_construction_figures"),
        ("facilities", "0015_priority_from_kind"),
    ]

    operations = [migrations.RunSQL(COMPUTE, migrations.RunSQL.noop)]
