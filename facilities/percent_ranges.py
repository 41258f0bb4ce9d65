"""Which percentages fit which stage. Made up from common practice, not a rule of the city: shown as 推定, only asks.

A percentage outside its stage's range is no error: whoever reports is asked for a sentence, and the reviewer sees it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from facilities.workflow import Stage

SOURCE = _("推定，待核定")

# Stage → lowest and highest percentage that nobody asks about.
PERCENT_OF_STAGE: dict[int, tuple[int, int]] = {
    Stage.CONCEIVED: (0, 5),
    Stage.SITED: (0, 8),
    Stage.LAND: (0, 10),
    Stage.APPROVED: (0, 12),
    Stage.TENDERED: (0, 15),
    Stage.STARTED: (1, 25),
    Stage.FOUNDATION: (5, 40),
    Stage.MAIN_WORKS: (20, 75),
    Stage.TOPPED_OUT: (50, 88),
    Stage.FITTING_OUT: (60, 98),
    Stage.BASICALLY_BUILT: (90, 100),
    Stage.ACCEPTED: (95, 100),
    Stage.IN_USE: (100, 100),
}
