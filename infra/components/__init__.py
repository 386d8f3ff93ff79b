"""The components of a lab, each with its args; `infra/__main__.py` puts them together."""
