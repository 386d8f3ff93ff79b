"""Files of every format with bytes changed, cut or doubled: a dataset or an error with findings, nothing else."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.coco.formats import FORMATS
from automation.coco.formats.building import Building
from automation.coco.formats.format import Files
from automation.coco.formats.losses import tell_losses
from automation.coco.formats.measures import measured
from automation.coco.formats.told import Told
from automation.coco.rules import check
from automation.coco.types import Box, Unit
from automation.errors import DatasetError


def some_files(name: str) -> Mapping[str, bytes]:
    building = Building(["cat", "dog"])
    image = building.image("x/a.jpg", (200, 100), url="https://a/c/x/a.jpg")
    building.label(image, "cat", box=Box(x=20, y=10, w=100, h=50), attributes={"rotation": 30, "age": "new"})
    building.label(image, "dog", polygons=[[1, 2, 50, 2, 50, 60]])
    kind = FORMATS[name]
    return kind.dump(measured(building.dataset, Unit.PIXELS, kind.unit), Told())


_TOKENS = (
    b"null",
    b"-1",
    b"1e999",
    b"NaN",
    b"[]",
    b"{}",
    b'""',
    b'"x"',
    b"\xff",
    b"\0",
    b"\n",
    b"<",
    b"&x;",
    b"..",
    b"",
    b"9" * 30,
)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("normalised", "azure")])
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 3),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(_TOKENS)), min_size=1, max_size=3),
)
def test_broken_files_are_findings(name: str, which: int, changes: list[tuple[float, int, bytes]]) -> None:
    files = {path or "a": data for path, data in some_files(name).items() if path != "MLTable"}
    path = sorted(files)[which % len(files)]
    for share, cut, token in changes:
        at = int(share * len(files[path]))
        files[path] = files[path][:at] + token + files[path][at + cut :]
    told = Told()
    try:
        read = FORMATS[name].parse(Files(texts=files), told)
        told.refuse(name)
    except DatasetError as refused:
        findings = refused.findings
    else:
        findings = ()
        check(read.dataset, unit=read.unit)
        for target in FORMATS.values():
            tell_losses(read.dataset, target, Told())
    assert all(finding.message for finding in findings)
