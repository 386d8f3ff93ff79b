"""A stack that others refer to."""

import pulumi

pulumi.export("plain", {"a": [1, "x"]})
pulumi.export("hidden", {"word": pulumi.Output.secret("hush")})
