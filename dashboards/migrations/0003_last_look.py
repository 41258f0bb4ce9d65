import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("dashboards", "0002_marks_and_published_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="LastLook",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        help_text="谁。",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
                (
                    "looked_at",
                    models.DateTimeField(help_text="首页最近一次显示在本人面前的时间。", verbose_name="上次查看"),
                ),
                (
                    "previous",
                    models.DateTimeField(
                        blank=True,
                        help_text="这次查看之前的那一次；第一次查看时为空。",
                        null=True,
                        verbose_name="再前一次",
                    ),
                ),
            ],
            options={
                "verbose_name": "上次查看",
                "verbose_name_plural": "上次查看",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("previous__isnull", True), ("previous__lt", models.F("looked_at")), _connector="OR"
                        ),
                        name="look_in_order",
                        violation_error_message="再前一次应早于上次查看。",
                    )
                ],
            },
        ),
    ]
