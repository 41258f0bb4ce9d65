"""The one page of a community: panels, each a small reader of one lower app through the person's rights."""
