"""Stands in for the training and evaluation workers: `python fake_worker.py MODE JOB_DIR`."""

import errno
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


def wait_for_cancel() -> None:
    while not (folder / "cancel").exists():
        time.sleep(0.01)


put("progress.json", {"fraction": 0.5, "stage": "fake", "detail": ""})
(folder.parent.parent / "last-job.json").write_text(json.dumps(job))
(folder.parent.parent / "started").write_text(str(os.getpid()))
pictures = sorted(path.name for path in folder.glob("t*-*"))
(folder.parent.parent / "last-files.json").write_text(json.dumps(pictures))
metrics: dict[str, object] = {"averagePrecision": 0.9, "tagPerformance": {}}
if mode == "wait":
    wait_for_cancel()
    put("result.json", {"status": "cancelled", "seconds": 61.0})
elif mode == "stubborn":
    time.sleep(60)
elif mode == "crash":
    sys.stderr.write("a last word\n")
    os.kill(os.getpid(), 9)
elif mode == "full-disk":
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "model.vlm")
elif mode == "silent":
    sys.exit(3)
elif mode.startswith("fail:"):
    code = mode.removeprefix("fail:")
    put("result.json", {"status": "failed", "code": code, "message": f"{job['images'][0]['path']}: it is broken"})
else:
    (folder / "model.vlm").write_text(json.dumps({"kind": job["kind"], "classes": job.get("classes")}))
    put("result.json", {"status": "succeeded", "metrics": metrics, "metrics_from": "evaluation", "seconds": 61.0})
