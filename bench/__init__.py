"""Measures of the portal, each beside a yardstick that is taken in the same run on the same machine: `make bench`."""
