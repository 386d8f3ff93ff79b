"""Label Studio's labeling config: XML out of task and classes, and both back out of what the server read in it.

Owns: the names of the controls (`label`, `choice`, on a picture named `image`) and which class names would not arrive.
Leaves: the results of these controls to `automation.coco`, whose format `label-studio` uses the same names.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from automation.errors import ConfigError
from automation.labeling.types import Task

__all__ = ["dump_config", "parse_config"]

_CONTROLS = {
    Task.OBJECT_DETECTION: ("RectangleLabels", 'name="label" toName="image" canRotate="false"', "Label"),
    Task.INSTANCE_SEGMENTATION: ("PolygonLabels", 'name="label" toName="image"', "Label"),
    Task.IMAGE_CLASSIFICATION: ("Choices", 'name="choice" toName="image" choice="single" required="true"', "Choice"),
    Task.IMAGE_CLASSIFICATION_MULTILABEL: (
        "Choices",
        'name="choice" toName="image" choice="multiple" required="true"',
        "Choice",
    ),
}
# A variable of the task's data stands in its place on the page; XML 1.0 has no such characters.
_VARIABLE = re.compile(r"\$[\w\[\].{}]")
_NO_XML = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SEVERAL = re.compile(r"<Choices\b[^>]*\bchoice\s*=\s*[\"']multiple[\"']")


def dump_config(task: Task, classes: Sequence[str]) -> str:
    """The config of a project. Raises ConfigError for classes whose names would not come back as they went."""
    for name in classes:
        if _VARIABLE.search(name) or _NO_XML.search(name):
            raise ConfigError(
                f"Label Studio cannot have a class {name!r}",
                hint='use another name, without control characters and without "$" before a letter',
            )
    control, attributes, part = _CONTROLS[task]
    parts = "".join(f'    <{part} value="{html.escape(name)}"/>\n' for name in classes)
    picture = '  <Image name="image" value="$image" zoom="true" zoomControl="true" rotateControl="false"/>\n'
    return f"<View>\n{picture}  <{control} {attributes}>\n{parts}  </{control}>\n</View>\n"


def parse_config(body: Mapping[str, Any]) -> tuple[Task, tuple[str, ...]]:
    """Task and classes of a project as the server describes it. Raises ValueError for configs that are not ours."""
    parsed = cast("Mapping[str, Any]", body.get("parsed_label_config") or {})
    controls = [cast("Mapping[str, Any]", value) for value in parsed.values()]
    kinds = [str(control.get("type")) for control in controls]
    if len(kinds) != 1 or kinds[0] not in ("RectangleLabels", "PolygonLabels", "Choices"):
        raise ValueError(f"its labeling config ({', '.join(kinds) or 'empty'}) is not one of visionlab's")
    if kinds[0] == "Choices":
        several = _SEVERAL.search(str(body.get("label_config") or "")) is not None
        task = Task.IMAGE_CLASSIFICATION_MULTILABEL if several else Task.IMAGE_CLASSIFICATION
    else:
        task = Task.OBJECT_DETECTION if kinds[0] == "RectangleLabels" else Task.INSTANCE_SEGMENTATION
    labels = cast("list[object]", controls[0].get("labels") or [])
    return task, tuple(str(name) for name in labels)
