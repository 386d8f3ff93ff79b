"""What exists: the Pulumi program of a custom-vision lab, or of a part of a course.

It knows nothing of what happens later.
"""
