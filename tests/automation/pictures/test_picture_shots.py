"""Sessions by camera and time."""

from pathlib import Path

from PIL import Image

from automation.pictures.shots import session_groups


def shot(path: Path, taken: str | None, model: str = "A") -> Path:
    exif = Image.Exif()
    exif[0x0110] = model
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return path


def test_a_session_is_one_camera_without_a_long_gap(tmp_path: Path) -> None:
    paths = [
        shot(tmp_path / "0.jpg", "2026:05:01 10:00:30"),
        shot(tmp_path / "1.jpg", "2026:05:01 10:00:00"),
        shot(tmp_path / "2.jpg", "2026:05:01 10:00:10", model="B"),
        shot(tmp_path / "3.jpg", "2026:05:01 10:02:31"),
        shot(tmp_path / "4.jpg", "2026:05:01 10:01:30"),
        shot(tmp_path / "5.jpg", None),
        shot(tmp_path / "6.jpg", "the day before"),
        tmp_path / "missing.jpg",
    ]
    (tmp_path / "8.jpg").write_bytes(b"no picture")
    groups, dated = session_groups([*paths, tmp_path / "8.jpg"], gap_s=60)
    assert groups == [1, 1, 2, 3, 1, 5, 6, 7, 8]
    assert dated == 5
    assert session_groups(paths[:5], gap_s=61)[0] == [1, 1, 2, 1, 1]
