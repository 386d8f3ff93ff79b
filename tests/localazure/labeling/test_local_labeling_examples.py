"""Microsoft's published example of labelingJobs, replayed. It is read where it is and not part of the repository."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.localazure.labeling.labeling_lab import JOB, LabelingLab

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "specs"
EXAMPLE = Path(os.environ.get("VISIONLAB_SPECS", _FOLDER)) / "examples" / "exportLabels-2024-01-01-preview.json"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,7})?Z")


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="the examples are not here; name their folder in VISIONLAB_SPECS")
def test_the_published_export_is_answered_in_its_own_shape(labeling: LabelingLab) -> None:
    example: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    labeling.created()
    accepted = labeling.call("POST", f"{JOB}/exportLabels", version="2024-01-01-preview", json=example["request"])
    assert accepted.status_code == 202
    assert {name.lower() for name in example["202"]["headers"]} <= set(accepted.headers)
    labeling.settle()
    done = labeling.client.get(accepted.headers["location"])
    assert done.status_code == 200
    published, ours = example["200"], done.json()
    assert {name: type(value) for name, value in published.items()} == {name: type(ours[name]) for name in published}
    assert all(TIME.fullmatch(each[name]) for name in ("startDateTime", "endDateTime") for each in (published, ours))
