"""Boxes and polygons drawn, moved, corrected and undone in a real browser, on a page that has the canvas alone."""

import os

import pytest

from localazure.blob.azurite import package_folders
from localazure.pages import FROM_NPM
from tests.e2e.browser_driver import drive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]


def test_boxes_and_polygons_are_what_mouse_keys_and_fingers_made_them() -> None:
    folders = (folder / "node_modules" for folder in package_folders(os.environ))
    modules = next((folder for folder in folders if (folder / "@annotorious").is_dir()), None)
    if modules is None:
        pytest.skip("the packages of the labeling pages are not installed: make setup")

    found = drive("labeling_canvas.mjs", modules=str(modules), lib=FROM_NPM)

    assert found == {"facts": 15, "problems": []}
