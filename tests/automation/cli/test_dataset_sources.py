"""`visionlab dataset check` of folders and addresses, and `--probe`."""

import functools
import http.server
import json
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from automation.cli.app import cli
from automation.errors import ConfigError, NotFound

Tree = dict[str, Any]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object, **__: object) -> None:
        """Nothing on the tests' stderr."""

    def end_headers(self) -> None:
        self.send_header("ETag", '"1"')
        super().end_headers()


@pytest.fixture
def site(tmp_path: Path) -> Generator[str]:
    """The address of `tmp_path`/site."""
    (tmp_path / "site").mkdir()
    handler = functools.partial(_Quiet, directory=str(tmp_path / "site"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def tree(*names: str, base: str = "") -> Tree:
    images: list[Tree] = [{"id": n, "file_name": name, "width": 20, "height": 10} for n, name in enumerate(names, 1)]
    if base:
        for image in images:
            image["coco_url"] = f"{base}/{image['file_name']}"
    boxes = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [1, 1, 9, 8], "area": 72, "iscrowd": 0}
        for n in range(1, len(names) + 1)
    ]
    return {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}


def check(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["dataset", "check", *map(str, arguments)])


def codes(run: Result) -> list[list[str]]:
    return [[finding["code"] for finding in report["findings"]] for report in json.loads(run.stdout)]


def test_a_folder_is_all_its_coco_files_and_the_pictures_beside_them(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(tree("one.png")))
    (tmp_path / "b.json").write_text(json.dumps(tree("two.png")))
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert codes(check(tmp_path, "--json")) == [[], []]
    Image.new("RGB", (20, 10)).save(tmp_path / "one.png")
    assert codes(check(tmp_path, "--json")) == [[], ["missing-picture"]]
    (tmp_path / "none").mkdir()
    assert isinstance(check(tmp_path / "none").exception, ConfigError)


def test_an_address_is_fetched_and_told_without_its_query(tmp_path: Path, site: str) -> None:
    labels = tree("one.png")
    labels["annotations"][0]["category_id"] = 9
    (tmp_path / "site/labels.json").write_text(json.dumps(labels))
    run = check(f"{site}/labels.json", "-f", tmp_path / "no-lab.yaml")
    assert run.exit_code == 1
    assert f"{site}/labels.json: 1 image, 1 annotation" in run.stdout
    shown = check(f"{site}/labels.json", "--format", "sarif")
    place = json.loads(shown.stdout)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"{site}/labels.json"
    assert isinstance(check(f"{site}/nothing.json").exception, NotFound)
    secret = check(f"{site}/labels.json?sig=secret")
    assert isinstance(secret.exception, ConfigError)
    assert "secret" not in str(secret.exception)
    assert isinstance(check("http://example.org/labels.json").exception, ConfigError)
    assert "needs --out" in check(f"{site}/labels.json", "--fix").output


def test_probing_looks_at_the_pictures_behind_the_addresses(tmp_path: Path, site: str) -> None:
    (tmp_path / "labels.json").write_text(json.dumps(tree("one.png", "sub/two.png", "../gone.png", base=site)))
    (tmp_path / "site/sub").mkdir()
    Image.new("RGB", (20, 10)).save(tmp_path / "site/one.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "site/sub/two.png")
    run = check(tmp_path / "labels.json", "--probe", "--json")
    assert {"picture-outside", "wrong-size"} <= set(codes(run)[0])
    (tmp_path / "site/one.png").unlink()
    (lost,) = [
        finding
        for finding in json.loads(check(tmp_path / "labels.json", "--probe", "--json").stdout)[0]["findings"]
        if finding["code"] == "picture-not-fetched"
    ]
    assert lost["examples"][0]["where"] == "/images/0/coco_url"
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(tree("one.png")))
    assert "nothing to probe" in check(bare, "--probe").stderr
