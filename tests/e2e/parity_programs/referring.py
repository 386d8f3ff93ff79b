"""A stack that reads another stack's outputs, by its short name and by its whole one."""

import pulumi
from pulumi.runtime import invoke_output

short = pulumi.StackReference("short", stack_name="one")
whole = pulumi.StackReference("organization/parity/one")
pulumi.export("plain", short.require_output("plain"))
pulumi.export("hidden", whole.require_output("hidden"))
pulumi.export("none", short.get_output("none"))
called = invoke_output("pulumi:pulumi:readStackOutputs", {"name": "one"})
pulumi.export("called", called.apply(lambda read: read["outputs"]["plain"]))
pulumi.export("secret", called.apply(lambda read: read["secretOutputNames"]))
