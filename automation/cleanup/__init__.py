"""Clean-up: planned, shown, confirmed, run, and proved; nothing of anybody else's touched.

Owns: looking at what is there, the plan, its execution, the proof and the receipt.
Leaves: asking the user to `cli`, forgetting a stack's state to `provision`.
"""

from automation.cleanup.kinds import ML
from automation.cleanup.plan import make_cleanup_plan
from automation.cleanup.plan_file import read_plan, write_plan
from automation.cleanup.receipt import DONE, Entry, Outcome, Receipt, with_proof
from automation.cleanup.receipt_file import read_receipt, write_receipt
from automation.cleanup.run import run_cleanup
from automation.cleanup.select import intersect, select
from automation.cleanup.survey import survey
from automation.cleanup.targets import Target, TargetKind
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
)
from automation.cleanup.verify import verify_cleanup, with_local
from automation.cleanup.wording import item_words, label_of, step_words
from automation.lab_tags import LAB_TAG, STACK_TAG

__all__ = [
    "DONE",
    "LAB_TAG",
    "ML",
    "STACK_TAG",
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
    "intersect",
    "item_words",
    "label_of",
    "make_cleanup_plan",
    "read_plan",
    "read_receipt",
    "run_cleanup",
    "select",
    "step_words",
    "survey",
    "verify_cleanup",
    "with_local",
    "with_proof",
    "write_plan",
    "write_receipt",
]
