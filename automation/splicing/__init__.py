"""New numbers in the old text of a COCO file, in a process of its own that loads next to nothing.

It stands apart from `automation.coco` so that the process has neither numpy nor the rules in its memory.
"""
