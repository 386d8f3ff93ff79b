import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from automation.local import blob_server
from localazure.blob.azurite import package_folders


def test_the_users_folder_is_the_one_into_which_the_local_azure_installs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside, own = package_folders({"XDG_DATA_HOME": str(tmp_path)})
    shipped = tmp_path / "localazure" / "web"
    shutil.copytree(beside, shipped, ignore=shutil.ignore_patterns("node_modules"))
    package = ModuleSpec("localazure", None, is_package=True)
    package.submodule_search_locations = [str(shipped.parent)]

    def find(_name: str) -> ModuleSpec:
        return package

    monkeypatch.setattr(blob_server, "find_spec", find)
    environment = {"XDG_DATA_HOME": str(tmp_path)}
    assert not blob_server.has_blob_server(environment)
    script = own / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    script.parent.mkdir(parents=True)
    script.touch()
    assert blob_server.has_blob_server(environment)
