"""The rules about names and addresses that are nearly the same: another case, another folder, another account."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from automation.coco.columns import ImageColumns, Ints
from automation.coco.places import UrlKind, url_kind
from automation.coco.rules.found import AT_MOST_PER_CODE, Kinds, warning
from automation.coco.rules.subject import Rule, Subject
from automation.errors import Finding

__all__ = ["AddressesTogether", "NamesAlike"]

_HTTP = ("https://", "http://")
_RENAME = "give each picture a name of its own, the folder aside"


class NamesAlike(Rule):
    """File names that some tools and some disks take for the same, or cannot take at all."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._folded: list[Ints] = []
        self._bare: list[Ints] = []
        self._folders = False

    def images(self, piece: ImageColumns) -> None:
        names = piece.names
        self._folded.append(np.fromiter((hash(name.casefold()) for name in names), np.int64, len(names)))
        self._folders |= any("/" in name for name in names)
        self._bare.append(np.fromiter((hash(name.rpartition("/")[2]) for name in names), np.int64, len(names)))
        odd = {int(piece.index[row]): name for row, name in enumerate(names) if _odd(name)}
        hint = "rename the picture: letters, digits, . - _ and / for folders"
        self.found.each(
            list(odd),
            lambda i: warning(
                "file-name-odd",
                f"/images/{i}/file_name",
                f"{odd[i]!r} has characters that addresses or other systems read differently",
                hint=hint,
            ),
        )

    def end(self) -> None:
        self._alike(self._folded, str.casefold, "file-name-case", "but for the case of letters")
        if self._folders:
            self._alike(self._bare, _base, "file-name-twin", "in another folder")
        self._folded, self._bare = [], []

    def _alike(self, hashes: list[Ints], form: Callable[[str], str], code: str, but: str) -> None:
        table = self.subject.images
        first: dict[str, tuple[str, int]] = {}
        again: dict[int, tuple[str, int]] = {}
        for row in _repeated(hashes):
            name, place = table.name(row), table.places.one(row)
            if not name.strip():
                continue
            earlier, other = first.setdefault(form(name), (name, place))
            if earlier != name:
                again[place] = (name, other)
                if len(again) > AT_MOST_PER_CODE:
                    break

        def say(place: int) -> Finding:
            name, other = again[place]
            message = f"{name!r} is the name of /images/{other} too, {but}"
            return warning(code, f"/images/{place}/file_name", message, hint=_RENAME)

        self.found.each(list(again), say)


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _odd(name: str) -> bool:
    return "%" in name or "\\" in name or not name.isprintable() or name != name.strip()


def _repeated(hashes: Sequence[Ints]) -> list[int]:
    """Rows whose hash comes twice, in order."""
    if not hashes:
        return []
    every = np.concatenate(hashes)
    order = np.argsort(every, kind="stable")
    same = np.flatnonzero(every[order[1:]] == every[order[:-1]])
    if not len(same):
        return []
    found: list[int] = np.unique(np.concatenate([order[same], order[same + 1]])).tolist()
    return found


class AddressesTogether(Rule):
    """Each picture has an address of its own; those for the vision service are in one container of one account."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._roots: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], int] = {}
        self._hashes: list[Ints] = []
        self._places: list[Ints] = []
        self._datastores: list[int] = []

    def images(self, piece: ImageColumns) -> None:
        urls = [_http(*pair) for pair in piece.urls]
        readable = [url for url in urls if url]
        if len(readable) < len(urls):
            self._datastores += [
                int(piece.index[row])
                for row, (url, pair) in enumerate(zip(urls, piece.urls, strict=True))
                if not url and any(other and url_kind(other) is UrlKind.AML_DATASTORE for other in pair)
            ]
        if not readable:
            return
        places = piece.index[[bool(url) for url in urls]]
        bare = [url.partition("?")[0] if "?" in url else url for url in readable]
        folders = [url.rpartition("/")[0] for url in bare]
        for folder, count in Counter(folders).items():
            host, _, path = folder.partition("://")[2].partition("/")
            root = (host.lower(), path.partition("/")[0])
            self._roots[root] += count
            self._first.setdefault(root, int(places[folders.index(folder)]))
        self._hashes.append(np.fromiter(map(hash, bare), np.int64, len(readable)))
        self._places.append(places)

    def end(self) -> None:
        hint = "say which container the datastore is, and write absolute_url"
        message = "the address names a datastore, and only its workspace knows where that is"
        self.found.each(self._datastores, lambda i: warning("url-datastore", f"/images/{i}", message, hint=hint))
        self._duplicates()
        if not self.subject.for_service:
            return  # the others read pictures from a folder, or from anywhere
        accounts = {host for host, _ in self._roots}
        if len(accounts) > 1:
            self._mixed("url-account-mixed", "account", accounts)
        elif len(self._roots) > 1:
            self._mixed("url-container-mixed", "container", {container for _, container in self._roots})

    def _mixed(self, code: str, what: str, names: set[str]) -> None:
        usual = self._roots.most_common(1)[0][0]
        other = min((place for root, place in self._first.items() if root != usual), default=0)
        several = ", ".join(sorted(names)[:3]) + (", …" if len(names) > len("abc") else "")
        message = f"the pictures are in {len(names)} {what}s: {several}; this one is not where most are"
        hint = "the service reads one dataset with one authentication: copy the pictures to one container"
        self.found.add(warning(code, f"/images/{other}", message, hint=hint))

    def _duplicates(self) -> None:
        if not self._hashes:
            return
        places = np.concatenate(self._places)
        every = np.concatenate(self._hashes)
        order = np.argsort(every, kind="stable")
        again = places[order[1:][every[order[1:]] == every[order[:-1]]]]
        message = "an image before this one has the same address"
        hint = "one picture is one image: merge the two entries"
        self.found.each(np.sort(again), lambda i: warning("url-duplicate", f"/images/{i}", message, hint=hint))


def _http(absolute: str | None, coco: str | None) -> str | None:
    if absolute is not None and absolute.startswith(_HTTP):
        return absolute
    return coco if coco is not None and coco.startswith(_HTTP) else None
