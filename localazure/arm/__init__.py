"""Azure Resource Manager on this machine: a store of resources by id, and one literal table of types."""
