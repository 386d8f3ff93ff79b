"""A stack that reads another stack's outputs, by its short name and by its whole one."""

import pulumi

short = pulumi.StackReference("short", stack_name="one")
whole = pulumi.StackReference("organization/parity/one")
pulumi.export("plain", short.require_output("plain"))
pulumi.export("hidden", whole.require_output("hidden"))
pulumi.export("none", short.get_output("none"))
