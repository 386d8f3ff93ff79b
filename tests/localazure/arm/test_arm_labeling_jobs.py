"""labelingJobs as a part of ARM: locks above them, and verbs that they do not have."""

from typing import Any

JOBS = "2024-04-01-preview"


def job(lab: Any) -> str:
    """A job whose pictures nobody can list: it exists, and fails."""
    workspace = lab.workspace()
    asset = {"dataType": "uri_folder", "dataUri": "azureml://datastores/workspaceblobstore/paths/photos/"}
    data = lab.make(f"{workspace}/data/photos/versions/1", {"properties": asset})["id"]
    path = f"{workspace}/labelingJobs/fruit"
    assert lab.send("PUT", path, body(data), version=JOBS).status_code == 201
    return path


def body(data: str) -> dict[str, Any]:
    classes = {"fruit": {"displayName": "Fruit", "classes": {"apple": {"displayName": "Apple"}}}}
    return {
        "properties": {
            "jobType": "Labeling",
            "dataConfiguration": {"dataId": data},
            "labelCategories": classes,
            "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
        }
    }


def lock(lab: Any, scope: str, level: str) -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    lab.make(path, {"properties": {"level": level}})
    return path


def test_a_lock_above_keeps_a_labeling_job(lab: Any, error: Any) -> None:
    path = job(lab)
    held = lock(lab, lab.group(), "CanNotDelete")
    assert error(lab.send("DELETE", path, version=JOBS)) == (409, "ScopeLocked")
    assert lab.send("DELETE", held).status_code == 200
    held = lock(lab, lab.group(), "ReadOnly")
    assert error(lab.send("PUT", path, body("x"), version=JOBS)) == (409, "ScopeLocked")
    assert lab.send("GET", path, version=JOBS).status_code == 200
    lab.send("DELETE", held)
    assert lab.send("DELETE", path, version=JOBS).status_code == 200


def test_a_labeling_job_cannot_be_patched(lab: Any, error: Any) -> None:
    assert error(lab.send("PATCH", job(lab), {"tags": {}}, version=JOBS)) == (405, "MethodNotAllowed")
