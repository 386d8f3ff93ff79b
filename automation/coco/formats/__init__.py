"""Annotation formats: each read into a dataset and written from one.

Owns: the list of formats. A new one is a module with a `Format`, and a line here.
Leaves: the steps of a conversion to `conversion.py`.
"""

from automation.coco.formats.automl import AUTOML
from automation.coco.formats.coco_json import AZURE, NORMALISED, PIXELS
from automation.coco.formats.custom_vision import CUSTOM_VISION
from automation.coco.formats.cvat import CVAT
from automation.coco.formats.format import Format
from automation.coco.formats.label_studio import LABEL_STUDIO
from automation.coco.formats.rows import CSV
from automation.coco.formats.voc import VOC
from automation.coco.formats.yolo import BOXES, POLYGONS

__all__ = ["FORMATS"]

_ALL = (PIXELS, NORMALISED, AZURE, AUTOML, BOXES, POLYGONS, VOC, CSV, CVAT, LABEL_STUDIO, CUSTOM_VISION)
FORMATS: dict[str, Format] = {known.name: known for known in _ALL}
