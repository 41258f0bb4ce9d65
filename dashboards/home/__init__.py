"""The first page after sign-in: what waits for this person, put together from the roles that they hold today."""
