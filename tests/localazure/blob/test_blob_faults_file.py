"""What the blob server is told of fault rules, and what it notes."""

import json
from pathlib import Path

from localazure.blob.faults_file import FaultsFile
from localazure.faults import Faults


def test_rules_of_the_blob_server_are_published_and_its_strikes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('{"rules": ["of an earlier process"]}')
    file = FaultsFile(tmp_path / "faults.json")
    faults = Faults()
    faults.on_blobs(file.publish, file.struck)
    faults.replace({"rules": [{"kind": "slow"}]})
    assert not file.path.exists()
    faults.begin("cut-uploads", [{"kind": "blob-cut", "method": "put", "path": "jpg$", "count": 3}])
    (rule,) = json.loads(file.path.read_text())["rules"]
    assert {**rule, "id": ""} == {"id": "", "method": "PUT", "path": "jpg$", "left": 3}
    assert faults.strike("PUT", "/account/a.jpg") is None or faults.rules()[0]["kind"] == "slow"
    file.path.with_suffix(".struck").write_text(f"{rule['id']}\n{rule['id']}\n")
    assert [shown["left"] for shown in faults.rules("cut-uploads")] == [1]
    faults.end("cut-uploads")
    assert json.loads(file.path.read_text())["rules"] == []
