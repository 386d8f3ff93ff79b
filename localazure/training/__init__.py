"""Training: a detector and a classifier that really train, on the CPU."""
