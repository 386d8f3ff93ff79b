"""A local Entra ID: signed tokens for service principals, and the documents that clients look up first."""
