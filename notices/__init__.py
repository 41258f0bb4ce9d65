"""What was sent to whom, why, by which channel, and who signed for it."""
