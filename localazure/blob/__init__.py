"""Blobs: Microsoft's own emulator Azurite as a child process, and what the other services need of it."""
