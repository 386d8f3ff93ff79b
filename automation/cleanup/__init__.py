"""Clean-up: planned, shown, confirmed, run, and proved; nothing of anybody else's touched.

Owns: looking at what is there, the plan, its execution, the proof and the receipt.
Leaves: asking the user to `cli`, forgetting a stack's state to `provision`.
"""

from automation.cleanup.plan import make_cleanup_plan
from automation.cleanup.plan_file import read_plan, write_plan
from automation.cleanup.receipt import DONE, Entry, Outcome, Receipt, with_proof
from automation.cleanup.receipt_file import read_receipt, write_receipt
from automation.cleanup.run import run_cleanup
from automation.cleanup.select import intersect, select
from automation.cleanup.survey import survey
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.teardown import plan_teardown
from automation.cleanup.teardown_run import run_teardown
from automation.cleanup.teardown_verify import verify_gone
from automation.cleanup.types import (
    Call,
    CleanupPlan,
    Item,
    Kept,
    Proof,
    Reason,
    Rules,
    Selection,
    Stage,
    TeardownPlan,
    TeardownStep,
)
from automation.cleanup.verify import verify_cleanup

__all__ = [
    "DONE",
    "Call",
    "CleanupPlan",
    "Entry",
    "Item",
    "Kept",
    "Outcome",
    "Proof",
    "Reason",
    "Receipt",
    "Rules",
    "Selection",
    "Stage",
    "Target",
    "TargetKind",
    "TeardownPlan",
    "TeardownStep",
    "intersect",
    "make_cleanup_plan",
    "plan_teardown",
    "read_plan",
    "read_receipt",
    "run_cleanup",
    "run_teardown",
    "select",
    "survey",
    "verify_cleanup",
    "verify_gone",
    "with_proof",
    "write_plan",
    "write_receipt",
]
