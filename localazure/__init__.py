"""A local Azure: ARM, Entra ID, blobs, the vision service and the ML workspace on this machine."""
