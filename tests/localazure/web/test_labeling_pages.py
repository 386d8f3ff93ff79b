import asyncio
import base64
import hashlib
import json
import os
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from localazure.blob.azurite import package_folders
from localazure.pages import FROM_NPM, page_routes
from localazure.pipeline import error_handlers

WEB = Path(__file__).resolve().parents[3] / "localazure" / "web"


class Pages:
    """The routes of the pages alone."""

    def __init__(self, *folders: Path) -> None:
        self._app = Starlette(routes=page_routes(folders), exception_handlers=error_handlers())

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
                return await client.get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})

        return asyncio.run(ask())


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in FROM_NPM.values():
        path = tmp_path / "node_modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"/* {name} */")
    return tmp_path


def import_map(page: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])["imports"]


@pytest.mark.parametrize("path", ["/labeling/", "/labeling/join"])
def test_the_shell_runs_no_inline_script_but_its_import_map(packages: Path, path: str) -> None:
    answer = Pages(packages).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = re.findall(r'<script type="importmap">(.*?)</script>', answer.text, re.DOTALL)[0]
    allowed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{allowed}';" in policy
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert re.findall(r"<[^>]+\son[a-z]+=", answer.text) == []
    assert re.findall(r"https?://", answer.text) == []


def test_without_the_closing_slash_one_is_sent_there(packages: Path) -> None:
    answer = Pages(packages).get("/labeling")
    assert (answer.status_code, answer.headers["location"]) == (308, "/labeling/")


def test_all_that_the_shell_names_is_served(packages: Path) -> None:
    pages = Pages(packages)
    shell = pages.get("/labeling/").text
    named = [*re.findall(r'(?:src|href)="([^"]+)"', shell), *import_map(shell).values()]
    assert "/labeling/app/main.js" in named
    assert [(name, pages.get(name).status_code) for name in named if pages.get(name).status_code != 200] == []


@pytest.mark.parametrize("module", sorted((WEB / "labeling").glob("*.js")), ids=lambda path: path.name)
def test_every_import_of_a_module_is_served(packages: Path, module: Path) -> None:
    pages = Pages(packages)
    mapped = import_map(pages.get("/labeling/").text)
    text = module.read_text("utf-8")
    names = re.findall(r'(?:from\s+|import\s*\(\s*|^import\s+)"([^"]+)"', text, re.MULTILINE)
    missing = [
        name
        for name in names
        if pages.get(mapped.get(name, f"/labeling/app/{name.removeprefix('./')}")).status_code != 200
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/labeling/app/main.js", "text/javascript; charset=utf-8"),
        ("/labeling/app/style.css", "text/css; charset=utf-8"),
        ("/labeling/app/mark.svg", "image/svg+xml"),
        ("/labeling/lib/preact.js", "text/javascript; charset=utf-8"),
        ("/labeling/lib/annotorious.css", "text/css; charset=utf-8"),
    ],
)
def test_a_file_is_sent_once_and_then_only_asked_for(packages: Path, path: str, kind: str) -> None:
    pages = Pages(packages)
    first = pages.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, kind)
    again = pages.get(path, if_none_match=f'"other", W/{first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert pages.get(path, if_none_match='"other"').status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/labeling/app/index.html",
        "/labeling/app/..%2Fpackage.json",
        "/labeling/app/../package.json",
        "/labeling/app/%2e%2e",
        "/labeling/app/nothing.js",
        "/labeling/app/main.js/more",
        "/labeling/lib/preact",
        "/labeling/lib/preact.js.map",
        "/labeling/lib/..%2f..%2fpackage.json",
        "/labeling/lib/azurite.js",
        "/labeling/lib/",
    ],
)
def test_nothing_else_of_the_folders_goes_out(packages: Path, path: str) -> None:
    assert Pages(packages).get(path).status_code == 404


def test_pages_that_are_not_installed_say_what_to_run(tmp_path: Path) -> None:
    answer = Pages(tmp_path / "one", tmp_path / "two").get("/labeling/")
    assert answer.status_code == 503
    assert "visionlab local install" in answer.text
    assert "preact/dist/preact.mjs" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_packages_may_lie_in_either_folder(packages: Path, tmp_path: Path) -> None:
    assert Pages(tmp_path / "none", packages).get("/labeling/lib/htm.js").text == "/* htm/dist/htm.mjs */"


def test_what_is_served_is_what_the_locked_packages_hold() -> None:
    """Against the packages as they are installed here: each file is there, and imports nothing that is not served."""
    folders = package_folders(os.environ)
    if not any((folder / "node_modules" / "preact").is_dir() for folder in folders):
        pytest.skip("the packages of the pages are not installed here")
    pages = Pages(*folders)
    mapped = import_map(pages.get("/labeling/").text)
    for name in FROM_NPM:
        answer = pages.get(f"/labeling/lib/{name}")
        assert answer.status_code == 200, name
        if name.endswith(".js"):
            imported = set(re.findall(r'(?:\bfrom|\bimport)\s*"([^"]+)"', answer.text))
            assert imported <= set(mapped), name


def test_lock_and_package_file_agree_and_every_licence_is_permissive() -> None:
    named = json.loads((WEB / "package.json").read_text())["dependencies"]
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]
    assert locked[""]["dependencies"] == named
    ours = {name for name in named if name != "azurite"}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in ours} == {name: named[name] for name in ours}
    assert {locked[f"node_modules/{name}"]["license"] for name in ours} <= {"MIT", "BSD-3-Clause", "Apache-2.0"}
    assert [path for path, entry in locked.items() if "resolved" in entry] == []
