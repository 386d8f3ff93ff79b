"""Pictures that are there twice: every pair within the distance, none beyond it, always the same ones kept."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from automation.pictures import ANYTHING, look_at
from automation.pictures.near import MAX_DISTANCE, near_groups
from automation.pictures.twins import find_twins, near_duplicate_groups


def a_scene(seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), np.uint8)
    return Image.fromarray(small).resize((160, 120), Image.Resampling.BICUBIC)


def groups_by_comparing_all(prints: list[int | None], most: int) -> list[int]:
    groups = list(range(len(prints)))
    for row, one in enumerate(prints):
        for other, two in enumerate(prints[:row]):
            if one is not None and two is not None and (one ^ two).bit_count() <= most:
                old, new = sorted((groups[row], groups[other]), reverse=True)
                groups = [new if group == old else group for group in groups]
    return groups


@st.composite
def prints(draw: st.DrawFn) -> list[int | None]:
    """Some far apart, most a few flipped bits away from each other."""
    centres = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
    flips = st.lists(st.integers(0, 63), max_size=8)
    some = st.tuples(st.sampled_from(centres), flips).map(lambda t: t[0] ^ sum({1 << bit for bit in t[1]}))
    return draw(st.lists(st.none() | some, max_size=25))


@settings(max_examples=60, deadline=None)
@given(prints(), st.integers(0, 10))
def test_the_search_finds_what_comparing_each_with_each_finds(prints: list[int | None], most: int) -> None:
    assert near_groups(prints, most) == groups_by_comparing_all(prints, most)


@pytest.mark.parametrize("most", range(MAX_DISTANCE + 1))
def test_a_pair_that_agrees_in_one_stretch_of_bits_only_is_found(most: int) -> None:
    starts = [64 * band // (most + 1) for band in range(most + 1)]
    for agreed in starts:
        other = sum(1 << start for start in starts if start != agreed)
        assert near_groups([0, other], most) == [0, 0]
        assert near_groups([0, other | 1 << agreed], most) == [0, 1]


def test_many_equal_prints_are_one_group_at_once() -> None:
    assert near_groups([5] * 200_000, 8) == [0] * 200_000


def test_scaled_recompressed_and_lighter_copies_are_near_others_are_not(tmp_path: Path) -> None:
    paths: list[Path] = []
    for seed in range(12):
        scene = a_scene(seed)
        copies = {
            "0.png": scene,
            "1.jpg": scene,
            "2.png": scene.resize((80, 60)),
            "3.png": ImageEnhance.Brightness(scene).enhance(0.9),
        }
        for name, copy in copies.items():
            paths.append(tmp_path / f"{seed:02}-{name}")
            copy.save(paths[-1])
    assert near_duplicate_groups(paths, near=8) == [row - row % 4 for row in range(48)]


def test_the_first_of_a_cluster_stays_and_twins_name_it(tmp_path: Path) -> None:
    a_scene(1).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    a_scene(1).save(tmp_path / "c.jpg")
    (tmp_path / "d.jpg").write_bytes((tmp_path / "c.jpg").read_bytes())
    a_scene(2).save(tmp_path / "e.png")
    paths = sorted(tmp_path.iterdir())
    prints = [looked.print64 for looked in look_at(paths, ANYTHING, fingerprint=True)]

    (near,) = find_twins(paths, prints, near=4)
    assert near.keep == (0,)
    assert [(twin.row, twin.like, twin.exact) for twin in near.twins] == [(1, 0, True), (2, 0, False), (3, 0, False)]
    exact = find_twins(paths, near=None)
    assert [(cluster.keep, [twin.row for twin in cluster.twins]) for cluster in exact] == [((0,), [1]), ((2,), [3])]


def test_pictures_of_one_colour_are_like_nothing_but_their_bytes(tmp_path: Path) -> None:
    for name, colour in {"a": "black", "b": "white", "c": "grey"}.items():
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "d.png").write_bytes((tmp_path / "a.png").read_bytes())
    paths = sorted(tmp_path.iterdir())
    assert near_duplicate_groups(paths, near=16) == [0, 1, 2, 0]


def test_chains_stay_together_but_who_is_far_from_the_first_is_kept(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    (cluster,) = find_twins(paths, [(1 << 4 * row) - 1 for row in range(3)], near=4)
    assert cluster.keep == (0, 2)
    assert [(twin.row, twin.like, twin.distance) for twin in cluster.twins] == [(1, 0, 4)]
