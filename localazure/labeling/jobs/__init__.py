"""Labeling jobs as Resource Manager knows them: made, changed, paused, filled with pictures, described."""
