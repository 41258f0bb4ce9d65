"""History kept by the database: what is tracked, who acted as what, and how a record's history is read."""

from core.history.capacity import capacity_words, register_capacities
from core.history.tracking import DELETE, INSERT, UPDATE, event_model, events_of, last_change, tracked
from core.history.trails import PAGE, History, Trail, beside, moments_of, own, read_history, under
from core.history.words import Names

__all__ = [
    "DELETE",
    "INSERT",
    "PAGE",
    "UPDATE",
    "History",
    "Names",
    "Trail",
    "beside",
    "capacity_words",
    "event_model",
    "events_of",
    "last_change",
    "moments_of",
    "own",
    "read_history",
    "register_capacities",
    "tracked",
    "under",
]
