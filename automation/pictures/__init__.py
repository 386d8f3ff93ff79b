"""Pictures on this machine: looking at them, finding those that are there twice.

It knows errors and progress only. Leaves: labels to `automation.coco`, sending pictures to others. numpy and Pillow are
loaded when something is looked at.
"""

from automation.pictures.folder import SUFFIXES, find_pictures, path_inside
from automation.pictures.limits import ANYTHING, IMAGE_ANALYSIS, PictureLimits, limits_of
from automation.pictures.looking import Look, picture_size
from automation.pictures.many import look_at

__all__ = [
    "ANYTHING",
    "IMAGE_ANALYSIS",
    "SUFFIXES",
    "Look",
    "PictureLimits",
    "find_pictures",
    "limits_of",
    "look_at",
    "path_inside",
    "picture_size",
]
