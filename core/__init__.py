"""Base classes without tables: what every app builds on, and nothing that knows the domain."""
