"""What Azure has retired, or will, of what a lab uses: a dated table.

Owns: the dates, and what to use instead. Sources: Azure's updates and the services' own pages on retirement.
Leaves: which of it a lab uses to whoever reads lab.yaml; the words are those of `uses`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from automation.doctor.machine import Machine
from automation.doctor.types import Finding, failure, fine, warning

__all__ = ["AUTOML", "RETIREMENTS", "Retirement", "check_retired"]

SOON = timedelta(days=365)
AUTOML = "AutoML for images in Azure ML (image_classification, image_object_detection)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """One service.

    Attributes:
        use: The word by which a lab says that it uses it.
        last_day: The day on which it ends.
        instead: What to use.
    """

    use: str
    what: str
    last_day: date
    instead: str


RETIREMENTS: tuple[Retirement, ...] = (
    Retirement(
        use="image-analysis-customization",
        what="training of own models by Image Analysis (2023-02-01-preview, 2023-04-01-preview)",
        last_day=date(2025, 3, 31),
        instead=AUTOML,
    ),
    Retirement(
        use="ncv3-virtual-machines",
        what="virtual machines of the NCv3 series",
        last_day=date(2025, 9, 30),
        instead="sizes like Standard_NC4as_T4_v3",
    ),
    Retirement(
        use="ml-labeling",
        what="data labeling in Azure ML",
        last_day=date(2026, 9, 30),
        instead="`labeling: {backend: label-studio}`",
    ),
    Retirement(
        use="custom-vision",
        what="Custom Vision",
        last_day=date(2028, 9, 25),
        instead=AUTOML,
    ),
)


def check_retired(machine: Machine) -> Finding:
    """On Azure what has ended is a failure; on the local Azure it goes on, and is told."""
    if machine.read_lab is None:
        return fine("no lab file, nothing is used")
    uses, today = machine.uses(), machine.now().date()
    used = [row for row in RETIREMENTS if row.use in uses]
    ended = [row for row in used if row.last_day < today]
    ending = [row for row in used if row not in ended]
    said = "; ".join(
        [f"{row.what} ended on {row.last_day}" for row in ended]
        + [f"{row.what} ends on {row.last_day}" for row in ending]
    )
    instead = "use " + "; ".join(dict.fromkeys(row.instead for row in (*ended, *ending)))
    if ended:
        instead += "; the stack local goes on with it"
        return failure(said, instead) if machine.on_azure else warning(f"on Azure {said}; here it goes on", instead)
    if any(row.last_day - today < SOON for row in ending):
        return warning(said, instead)
    return fine(said or "nothing that the lab uses has an end that is known")
