"""Every write of the ground floor: check, save, audit, in one transaction."""

from communities.actions.absences import end_absence, record_absence
from communities.actions.memberships import end_membership, extend_membership, grant_membership, hand_over
from communities.actions.periods import close_month, move_due_date, open_month, open_quarter
from communities.actions.placements import move_placement
from communities.actions.places import create_community, edit_community
from communities.actions.registers import create_communities, edit_communities, withdraw_communities
from communities.actions.successions import succeed

__all__ = [
    "close_month",
    "create_communities",
    "create_community",
    "edit_communities",
    "edit_community",
    "end_absence",
    "end_membership",
    "extend_membership",
    "grant_membership",
    "hand_over",
    "move_due_date",
    "move_placement",
    "open_month",
    "open_quarter",
    "record_absence",
    "succeed",
    "withdraw_communities",
]
