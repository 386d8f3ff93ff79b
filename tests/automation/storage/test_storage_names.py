"""Names and files that would not work are found before anything is sent, all at once."""

from pathlib import Path

import pytest

from automation.errors import Finding
from automation.storage import Upload
from automation.storage.names import blob_url, check_uploads, content_type, name_problem


@pytest.mark.parametrize(
    "name", ["a.jpg", "dir/a b.jpg", "ü#?%41 [x]~&+.jpg", "it's;,=@!$()*.jpg", "x" * 1024, ".hidden"]
)
def test_names_that_azure_keeps_as_they_are_pass(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "a blob needs a name"),
        ("x" * 1025, "it has 1025 characters, and 1024 is the most"),
        ("a/" * 254 + "a", "it has 255 folders, and 254 is the most"),
        ("a\\b", "Azure turns a backslash into a slash"),
        ("/a", 'it starts or ends with "/", or has two in a row'),
        ("a/", 'it starts or ends with "/", or has two in a row'),
        ("a//b", 'it starts or ends with "/", or has two in a row'),
        ("a/../b", '"." and ".." are not names'),
        ("a/b.", "Azure drops a dot at the end"),
        ("a\nb", "it holds a control character"),
    ],
)
def test_names_that_azure_refuses_or_changes_are_refused(name: str, problem: str) -> None:
    assert name_problem(name) == problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    good, empty, gone = tmp_path / "good.jpg", tmp_path / "empty.jpg", tmp_path / "gone.jpg"
    good.write_bytes(b"x")
    empty.touch()
    uploads = [
        Upload(path=good, name="a.jpg"),
        Upload(path=empty, name="b.jpg"),
        Upload(path=gone, name="c.jpg"),
        Upload(path=tmp_path, name="d.jpg"),
        Upload(path=good, name="e\\f.jpg"),
        Upload(path=good, name="a.jpg"),
    ]
    findings = check_uploads(uploads)
    assert [finding.code for finding in findings] == [
        "file-empty",
        "file-missing",
        "file-missing",
        "blob-name",
        "blob-name-twice",
    ]
    assert findings[1] == Finding(
        code="file-missing",
        severity=findings[0].severity,
        where=str(gone),
        message=f"{gone} is not there",
        hint="check the path in lab.yaml",
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.JPG", "image/jpeg"),
        ("a/b.c/photo.jpeg", "image/jpeg"),
        ("labels.json", "application/json"),
        ("rows.jsonl", "application/x-ndjson"),
        ("a.png", "image/png"),
        ("a", "application/octet-stream"),
        ("a.unknown", "application/octet-stream"),
    ],
)
def test_the_ending_gives_the_content_type(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_urls_are_escaped() -> None:
    url = blob_url("https://127.0.0.1:10000/labpics/", "training-images", "dir/ü#1 100%.jpg")
    assert url == "https://127.0.0.1:10000/labpics/training-images/dir/%C3%BC%231%20100%25.jpg"
