"""The catalogue of standards. Each says where it is from and how sure it is; none is a rule of the city yet."""

from __future__ import annotations

from core.reference import Loaded, rows_of, upsert
from services.models import Standard

# Field of the record → column of the file, where the two differ.
_RENAMED = {"operator": "op", "verified_by": "how_verified"}
_FIELDS = (
    "code", "dimension", "role", "item", "unit", "operator", "city", "town", "rural",
    "applies_to", "verified_by", "source", "source_url", "certainty", "note",
)  # fmt: skip


def load() -> list[Loaded]:
    """The standards of `data/standards_catalogue.csv`."""
    rows = [
        {field: row[_RENAMED.get(field, field)].strip() for field in _FIELDS}
        for row in rows_of("standards_catalogue.csv")
    ]
    return [upsert(Standard, rows, key=("code",))]
