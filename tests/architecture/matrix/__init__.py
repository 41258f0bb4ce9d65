"""The scope matrix: every route × role × own or foreign unit × method, against an oracle written down by hand."""
