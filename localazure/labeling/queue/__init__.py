"""Pictures go to people under leases, and their answers come back: checked, agreed upon, written."""
