"""Stands in for the worker: `assist_fake_worker.py MODE JOB_DIR`. The bytes of a picture say what is seen in it."""

import json
import os
import sys
import time
from pathlib import Path

mode, folder = sys.argv[1], Path(sys.argv[2])
job = json.loads((folder / "job.json").read_text())


def put(name: str, value: object) -> None:
    (folder / f"{name}.new").write_text(json.dumps(value))
    (folder / f"{name}.new").rename(folder / name)


seen = folder.parent.parent / f"job-{job['work']}.json"
seen.with_suffix(".new").write_text(json.dumps(job))
seen.with_suffix(".new").rename(seen)
put("progress.json", {"fraction": 0.5, "stage": "fake", "detail": ""})
if mode == f"wait-{job['work']}":
    while not (folder / "cancel").exists():
        time.sleep(0.01)
    sys.exit(3)
if mode == "crash":
    os.kill(os.getpid(), 9)
if mode == "fail":
    put("result.json", {"status": "failed", "code": "datasetCorrupt", "message": f"{job['images'][0]['path']}: broken"})
elif job["work"] == "train":
    for number in range(len(job["classes"])):
        (folder / f"model-{number}.vlm").write_text(json.dumps(job["classes"]))
    (folder / "model.vlm").write_text(json.dumps(job["classes"]))
    put(
        "result.json", {"status": "succeeded", "metrics": {"averagePrecision": 0.5}, "metrics_from": "cross-validation"}
    )
else:
    pictures = [json.loads((folder / image["path"]).read_text()) for image in job["images"]]
    put("result.json", {"status": "succeeded", "pictures": pictures, "groups": pictures})
