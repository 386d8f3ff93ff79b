"""COCO files of any size made of COCO files: what is kept stays byte by byte, and the same input gives the same bytes.

It works on files, in two passes: `survey.py` looks, a transform decides, `selecting.py` writes.
"""

from automation.coco.transform.filter import Wish, filter_file
from automation.coco.transform.merge import Merged, merge_files
from automation.coco.transform.sample import sample_file
from automation.coco.transform.selecting import Part
from automation.coco.transform.split import Splitting, split_file

__all__ = ["Merged", "Part", "Splitting", "Wish", "filter_file", "merge_files", "sample_file", "split_file"]
