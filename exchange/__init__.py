"""Excel in: a workbook is guarded, read in a child process, staged, looked at, and only then taken over."""
