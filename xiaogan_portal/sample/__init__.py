"""The sample city: Xiaogan's published totals are real, every name, split, date and score below them is made up.

Rows are written in bulk, past the actions, because a hundred thousand communities must load in minutes.
That is allowed here and nowhere else; the database's constraints and history hold all the same.
"""
