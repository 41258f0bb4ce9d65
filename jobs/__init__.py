"""The ledger of background work: what must be done stands in PostgreSQL, the broker only wakes workers."""
