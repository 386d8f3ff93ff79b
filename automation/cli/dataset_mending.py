"""`visionlab dataset check FILE --fix`: where the mended file goes. Leaves: the mending to `automation.coco`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.cli.console import Console

if TYPE_CHECKING:
    from automation.coco.profiles import Profile
    from automation.coco.types import Unit

__all__ = ["Mending", "mending_options"]

F = TypeVar("F", bound=Callable[..., Any])


def mending_options(command: F) -> F:
    """`--fix` and what belongs to it."""
    options = (
        click.option("--fix", is_flag=True, help="With a FILE: write NAME.fixed.json with what can be mended mended."),
        click.option("--out", type=click.Path(path_type=Path), help="With --fix: where the new file goes."),
        click.option("--in-place", is_flag=True, help="With --fix: the new file takes the place of FILE."),
        click.option(
            "--drop",
            is_flag=True,
            help="With --fix: drop annotations whose box has no area, or whose category is not there.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What was asked for."""

    fix: bool = False
    out: Path | None = None
    in_place: bool = False
    drop: bool = False

    def demand(self, files: int, *, fetched: bool = False) -> None:
        """Raises UsageError for options that do not fit together."""
        if self.fix and fetched and self.out is None:
            raise click.UsageError("--fix of a URL needs --out: nothing is sent back")
        if not self.fix and (self.out is not None or self.in_place or self.drop):
            raise click.UsageError("--out, --in-place and --drop are about --fix")
        if self.out is not None and (self.in_place or files > 1):
            raise click.UsageError("--out is for one FILE, and not with --in-place")

    def run(
        self, console: Console, source: Path, *, profile: "Profile", unit: "Unit | None"
    ) -> tuple[Path, Mapping[str, int] | None]:
        """Mend a file. Gives the file to look at, and the mends; the same file and None without `--fix`."""
        from automation.coco.fixing import fix_file

        if not self.fix:
            return source, None
        target = source if self.in_place else self.out or source.with_name(f"{source.stem}.fixed{source.suffix}")
        with console.progress(source.name) as progress:
            fixed = fix_file(
                source, target, profile=profile, unit=unit, drop=self.drop, in_place=self.in_place, progress=progress
            )
        return target, fixed.mends
