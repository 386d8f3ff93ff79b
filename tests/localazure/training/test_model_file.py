import contextlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localazure.training import load_model
from localazure.training.detector import TrainedDetector
from localazure.training.detector_model import DETECTOR, DetectorModel
from localazure.training.errors import ModelFileError
from localazure.training.model_file import Meta, Schema, Shapes, read_model, write_model


def shapes(meta: Meta) -> Shapes:
    return {"weights": (int(meta["rows"]), 3), "offset": (3,)}


TOY = Schema(kind="toy", version=2, shapes=shapes)
META = {"rows": 4}


def arrays() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return {"weights": np.arange(12, dtype=np.float32).reshape(4, 3), "offset": np.array([0.5, -1, 2], np.float32)}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.vlm"
    write_model(path, TOY, META, arrays())
    return path


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The same zip with other members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def npy(array: Any, *, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickled)
    return file.getvalue()


def meta(**changes: object) -> bytes:
    return json.dumps({"format": "visionlab-model", "kind": "toy", "version": 2, **META, **changes}).encode()


def test_what_is_written_is_read(toy: Path) -> None:
    read, found = read_model(toy, TOY)
    assert read["rows"] == 4
    assert {name: array.tolist() for name, array in found.items()} == {n: a.tolist() for n, a in arrays().items()}
    assert found["weights"].dtype == np.float32


def test_the_same_model_gives_the_same_bytes(toy: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "again.vlm", TOY, META, dict(reversed(arrays().items())))
    assert (tmp_path / "again.vlm").read_bytes() == toy.read_bytes()


def test_numpy_itself_can_read_the_arrays(toy: Path) -> None:
    with np.load(toy, allow_pickle=False) as file:
        assert file["offset"].tolist() == [0.5, -1, 2]


def test_arrays_that_were_not_declared_are_not_written(tmp_path: Path) -> None:
    wrong = {**arrays(), "offset": np.zeros(4, np.float32)}
    with pytest.raises(ModelFileError, match="declared ones: offset"):
        write_model(tmp_path / "toy.vlm", TOY, META, wrong)


CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "other kind": (lambda m: m.update({"meta.json": meta(kind="cat")}), "this is a cat model; a toy was expected"),
    "newer": (lambda m: m.update({"meta.json": meta(version=3)}), "version 3; this program reads 2"),
    "other format": (lambda m: m.update({"meta.json": meta(format="x")}), "holds no model of ours"),
    "no json": (lambda m: m.update({"meta.json": b"{"}), "no readable description"),
    "no object": (lambda m: m.update({"meta.json": b"[1]"}), "no object"),
    "deep": (lambda m: m.update({"meta.json": b"[" * 100_000}), "nested too deep|no readable"),
    "no meta": (lambda m: m.pop("meta.json"), "no readable description"),
    "meta misses": (lambda m: m.update({"meta.json": meta(rows=None)}), "not complete"),
    "claims much": (lambda m: m.update({"meta.json": meta(rows=10**9)}), "claims more than 256 MiB"),
    "array missing": (lambda m: m.pop("offset.npy"), "does not hold the arrays"),
    "array too many": (lambda m: m.update({"more.npy": npy(np.zeros(1))}), "does not hold the arrays"),
    "other shape": (lambda m: m.update({"offset.npy": npy(np.zeros((3, 1), np.float32))}), "no float32 array of shape"),
    "other size": (lambda m: m.update({"offset.npy": npy(np.zeros(4, np.float32))}), "not the size of"),
    "integers": (lambda m: m.update({"offset.npy": npy(np.zeros(3, np.int32))}), "no float32 array"),
    "doubles": (lambda m: m.update({"offset.npy": npy(np.zeros(3, np.float64))}), "not the size of"),
    "column order": (
        lambda m: m.update({"weights.npy": npy(np.asfortranarray(arrays()["weights"]))}),
        "no float32 array",
    ),
    "pickle": (lambda m: m.update({"offset.npy": npy(np.array([{}] * 3, object), pickled=True)}), "offset"),
    "plain pickle": (lambda m: m.update({"offset.npy": pickle.dumps([1.0, 2.0, 3.0])}), "offset"),
    "no number": (lambda m: m.update({"offset.npy": npy(np.array([1, np.nan, 2], np.float32))}), "no numbers"),
    "endless": (lambda m: m.update({"offset.npy": npy(np.array([1, np.inf, 2], np.float32))}), "no numbers"),
    "cut": (lambda m: m.update({"offset.npy": m["offset.npy"][:-1]}), "not the size of"),
    "longer": (lambda m: m.update({"offset.npy": m["offset.npy"] + b"\0"}), "not the size of"),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_a_file_that_is_not_what_its_kind_declares_is_refused(
    toy: Path, change: Callable[[dict[str, bytes]], None], reason: str
) -> None:
    rewrite(toy, change)
    with pytest.raises(ModelFileError, match=reason):
        read_model(toy, TOY)


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.vlm"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.json", meta())
        archive.writestr("weights.npy", bytes(1000))
        archive.filelist[-1].file_size = 300 * 2**20  # written to the directory when the archive is closed
    with pytest.raises(ModelFileError, match="unpack to more than 256 MiB"):
        read_model(path, TOY)


def test_a_directory_that_lies_about_a_size_is_found_out(toy: Path) -> None:
    size = len(npy(np.zeros(3, np.float32)))
    rewrite(toy, lambda m: m.update({"offset.npy": m["offset.npy"] + bytes(1000)}))
    told, true = size.to_bytes(4, "little"), (size + 1000).to_bytes(4, "little")
    toy.write_bytes(toy.read_bytes().replace(true, told))
    with pytest.raises(ModelFileError):
        read_model(toy, TOY)


def test_the_same_name_twice_is_refused(toy: Path) -> None:
    with zipfile.ZipFile(toy, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("offset.npy", npy(np.zeros(3, np.float32)))
    with pytest.raises(ModelFileError, match="does not hold the arrays"):
        read_model(toy, TOY)


def test_too_many_members_are_refused(toy: Path) -> None:
    rewrite(toy, lambda m: m.update({f"x{number}": b"" for number in range(1000)}))
    with pytest.raises(ModelFileError, match="unpack"):
        read_model(toy, TOY)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\0" * 5000, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_of_ours_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.vlm").write_bytes(data)
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "x.vlm")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"there is no model file none\.vlm"):
        load_model(tmp_path / "none.vlm")


def test_an_unknown_kind_is_named(toy: Path) -> None:
    with pytest.raises(ModelFileError, match="'toy', which this program does not know"):
        load_model(toy)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10_000), where=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_file_is_refused_or_read_but_never_crashes(toy: Path, cut: int, where: int, value: int) -> None:
    whole = bytearray(toy.read_bytes())
    whole[where % len(whole)] = value
    damaged = toy.with_name("damaged.vlm")
    damaged.write_bytes(whole[: len(whole) - cut % 200 if cut % 2 else len(whole)])
    with contextlib.suppress(ModelFileError):
        read_model(damaged, TOY)


def test_a_detector_is_the_same_after_the_file(trained: TrainedDetector, tmp_path: Path) -> None:
    trained.model.save(tmp_path / "a.vlm")
    loaded = load_model(tmp_path / "a.vlm")
    assert isinstance(loaded, DetectorModel)
    loaded.save(tmp_path / "b.vlm")
    assert (tmp_path / "a.vlm").read_bytes() == (tmp_path / "b.vlm").read_bytes()
    assert loaded.classes == ("disc", "square")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"heads": 0}, "heads in the model file is no whole number from 1 to 16"),
        ({"heads": True}, "heads"),
        ({"heads": 2}, "does not hold the arrays"),
        ({"projected": 10**9}, "projected"),
        ({"classes": []}, "no list of 1 to 500 names"),
        ({"classes": ["a", 1]}, "classes in the model file are no names"),
        ({"classes": ["a", "b", "c"]}, "head0"),
    ],
    ids=str,
)
def test_a_detector_whose_description_makes_no_sense_is_refused(
    trained: TrainedDetector, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    path = tmp_path / "model.vlm"
    trained.model.save(path)
    rewrite(path, lambda m: m.update({"meta.json": json.dumps(json.loads(m["meta.json"]) | changes).encode()}))
    with pytest.raises(ModelFileError, match=reason):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("calibration", [-1, 0], "does not rise"),
        ("aspects", [1, 1, 1, 0], "out of bounds"),
        ("aspects", [1e-9, 1, 1, 1], "out of bounds"),
    ],
)
def test_a_detector_whose_numbers_make_no_sense_is_refused(
    trained: TrainedDetector, tmp_path: Path, name: str, values: list[float], reason: str
) -> None:
    path = tmp_path / "model.vlm"
    trained.model.save(path)
    rewrite(path, lambda m: m.update({f"{name}.npy": npy(np.array(values, np.float32))}))
    with pytest.raises(ModelFileError, match=reason):
        load_model(path)


def test_the_declared_kind_is_the_detectors() -> None:
    assert (DETECTOR.kind, DETECTOR.version) == ("detector", 1)
