"""A provider for azure-native resources, in Python: for local stacks, in the engine's process or as a Pulumi plugin.

Owns: the translation of azure-native's resource types into calls of Azure Resource Manager.
Leaves: HTTP to `automation.azure`, the order of resources to the engine.
"""
