"""Teardown: everything of a lab deleted, purged, and proved gone; nothing of anybody else's touched.

Owns: looking at what is there, the plan, its execution, and the proof.
Leaves: asking the user to `cli`, forgetting the stack's state to `provision`.
"""

from automation.cleanup.run import run_teardown
from automation.cleanup.teardown import plan_teardown
from automation.cleanup.types import Call, Proof, TeardownPlan, TeardownStep
from automation.cleanup.verify import verify_gone

__all__ = ["Call", "Proof", "TeardownPlan", "TeardownStep", "plan_teardown", "run_teardown", "verify_gone"]
