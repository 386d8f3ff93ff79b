"""COCO files of any size made of COCO files: what is kept stays byte by byte, and the same input gives the same bytes.

It works on files, in two passes: `survey.py` looks, a transform decides, `selecting.py` writes.
"""

from automation.coco.transform.addresses import Addresses, Readdressed, rewrite_urls_file
from automation.coco.transform.filter import Wish, filter_file
from automation.coco.transform.merge import Merged, merge_files
from automation.coco.transform.remap import Remapped, remap_file
from automation.coco.transform.sample import sample_file
from automation.coco.transform.selecting import Part
from automation.coco.transform.split import Splitting, split_file

__all__ = [
    "Addresses",
    "Merged",
    "Part",
    "Readdressed",
    "Remapped",
    "Splitting",
    "Wish",
    "filter_file",
    "merge_files",
    "remap_file",
    "rewrite_urls_file",
    "sample_file",
    "split_file",
]
