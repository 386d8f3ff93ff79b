"""The command line `visionlab`: commands parse, call, print. The result goes to stdout, the talk to stderr."""
