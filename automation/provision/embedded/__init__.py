"""An engine for Pulumi programs in this process: state, plan and the services that a program talks to.

Owns: what Pulumi's CLI does for a program: registering, planning, creating, replacing, deleting, state.
Leaves: Azure to the provider, where programs and settings come from to `project.py`.
"""
