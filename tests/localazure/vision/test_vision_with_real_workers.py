"""One story with the real worker processes: train, evaluate, predict, over tiny drawn pictures."""

import io
import random
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
import pytest
from PIL import Image, ImageDraw
from starlette.applications import Starlette

from localazure.errors import AzureError
from localazure.store import Store
from localazure.vision.routes import vision_routes
from localazure.vision.service import VisionService
from localazure.vision.wiring import build_vision
from tests.localazure.vision.vision_lab import (
    KEY,
    STORE_URL,
    FakeAccounts,
    FakeBlobs,
    FakeClock,
    InProcess,
    Lab,
    azure_error,
)

COLOURS = {"apple": "crimson", "pear": "gold"}


@pytest.fixture
def real_lab(tmp_path: Path, portal: anyio.from_thread.BlockingPortal) -> Generator[Lab]:
    blobs, accounts = FakeBlobs(), FakeAccounts()
    service: VisionService = build_vision(Store(None), FakeClock(), accounts, blobs, tmp_path)
    service.start()
    routes = vision_routes(service, accounts.authenticate)
    app = Starlette(routes=routes, exception_handlers={AzureError: azure_error})
    client = httpx.Client(
        transport=InProcess(app, portal), base_url="https://local", headers={"Ocp-Apim-Subscription-Key": KEY}
    )
    yield Lab(service=service, client=client, blobs=blobs, accounts=accounts, folder=tmp_path)
    service.close()


def draw(seed: int) -> tuple[bytes, list[tuple[str, list[float]]]]:
    """A light picture with one disc of each colour, and the discs' boxes as fractions."""
    chance = random.Random(seed)
    image = Image.new("RGB", (160, 120), "white")
    pen = ImageDraw.Draw(image)
    boxes: list[tuple[str, list[float]]] = []
    for place, (name, colour) in enumerate(COLOURS.items()):
        side = chance.randint(30, 44)
        x, y = place * 80 + chance.randint(2, 30), chance.randint(5, 60)
        pen.ellipse((x, y, x + side, y + side), fill=colour)
        boxes.append((name, [x / 160, y / 120, side / 160, side / 120]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), boxes


def fill(lab: Lab, name: str, seeds: range) -> None:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for seed in seeds:
        data, boxes = draw(seed)
        url = f"{STORE_URL}/images/{seed}.png"
        lab.blobs.blobs[url] = data
        images.append({"id": len(images) + 1, "width": 160, "height": 120, "file_name": f"{seed}.png", "coco_url": url})
        for category, box in boxes:
            row = {"id": len(annotations) + 1, "image_id": len(images), "bbox": box}
            annotations.append(row | {"category_id": list(COLOURS).index(category) + 1})
    categories = [{"id": number, "name": category} for number, category in enumerate(COLOURS, start=1)]
    lab.upload(name, {"images": images, "annotations": annotations, "categories": categories})
    assert lab.dataset(name).status_code == 201


@pytest.mark.server
def test_a_detector_is_trained_evaluated_and_asked(real_lab: Lab) -> None:
    fill(real_lab, "fruit", range(4))
    fill(real_lab, "held-out", range(8, 10))
    body = {
        "trainingParameters": {"trainingDatasetName": "fruit", "timeBudgetInHours": 1, "modelKind": "Generic-Detector"},
        "evaluationParameters": {"testDatasetName": "held-out"},
    }
    real_lab.call("PUT", "/models/model", json=body)
    asked = {"evaluationParameters": {"testDatasetName": "held-out"}}
    assert real_lab.service.training_lane.wait_idle(50)
    model = real_lab.model()
    assert model["status"] == "succeeded", model
    assert model["modelPerformance"]["meanAveragePrecision50"] >= 0.9
    assert set(model["modelPerformance"]["tagPerformance"]) == {"apple", "pear"}
    real_lab.call("PUT", "/models/model/evaluations/e", json=asked)
    assert real_lab.service.evaluation_lane.wait_idle(50)
    evaluation = real_lab.call("GET", "/models/model/evaluations/e").json()
    assert evaluation["modelPerformance"] == model["modelPerformance"]
    data, truth = draw(20)
    answer = real_lab.call(
        "POST",
        "/imageanalysis:analyze",
        params={"model-name": "model"},
        content=data,
        headers={"content-type": "image/png"},
    ).json()
    best = answer["customModelResult"]["objectsResult"]["values"][:2]
    found = {thing["tags"][0]["name"]: thing["boundingBox"] for thing in best}
    for name, (x, y, w, h) in truth:
        middle = (found[name]["x"] + found[name]["w"] / 2, found[name]["y"] + found[name]["h"] / 2)
        assert middle == pytest.approx((160 * (x + w / 2), 120 * (y + h / 2)), abs=8)
