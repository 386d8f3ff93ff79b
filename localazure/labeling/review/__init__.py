"""What becomes of labels: found, approved, rejected, scored, counted."""
