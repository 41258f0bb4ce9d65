"""The page of construction: what is built where, what it costs, and plan against actual by month."""
