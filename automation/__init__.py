"""What happens once resources exist: provisioning, uploads, labels, training, teardown, and the CLI `visionlab`."""
