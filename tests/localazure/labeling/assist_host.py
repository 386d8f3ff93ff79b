"""A process that trains and is to be killed: `python -m tests.localazure.labeling.assist_host FOLDER`.

It says `at work` once the worker collects samples, and then waits for its end.
"""

import sys
import threading
from pathlib import Path

from localazure.labeling.assist.experiments import Kind
from tests.localazure.labeling.assist_drawings import open_drawn, teach


def main(folder: Path) -> None:
    lab = open_drawn(folder, count=6)
    lab.set(enabled=False, budget_minutes=600)
    teach(lab, range(4))
    lab.assist.start()
    lab.assist.ask(lab.project, Kind.TRAINING)
    lab.until_at_work(Kind.TRAINING, "samples")
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
