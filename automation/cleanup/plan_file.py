"""plan.json: a plan on paper that can wait for a day, and is refused when it is not the paper it was.

Owns: the format and its version, canonical JSON and the hash over it, and every reason to refuse a file.
Leaves: what may be deleted to `select.py`; asking for the typed name to `cli`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from automation.azure import Cloud
from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import CleanupPlan, Fate, Item, Kept, Reason, Rules, Stage
from automation.clock import Clock
from automation.cost import Money
from automation.errors import ConfigError, Refused
from automation.whole_file import write_whole

__all__ = [
    "FORMAT",
    "VERSION",
    "demand_here",
    "parse_plan",
    "plan_bytes",
    "plan_document",
    "read_json",
    "read_plan",
    "sealed",
    "write_plan",
]

FORMAT, VERSION = "visionlab-cleanup-plan", 1
MOST_BYTES = 64 * 1024 * 1024
AGAIN = "make a new one: visionlab cleanup plan"


def sealed(plan: CleanupPlan) -> CleanupPlan:
    """The plan with its id and its hash, both over what it says."""
    content = _document(replace(plan, id="", hash=""))
    named = replace(plan, id=_hash(content)[:16], hash="")
    return replace(named, hash=_hash(_document(named)))


def plan_document(plan: CleanupPlan) -> dict[str, Any]:
    """The plan as it stands in the file."""
    return _document(plan) | {"hash": plan.hash}


def plan_bytes(plan: CleanupPlan) -> bytes:
    """The file: canonical JSON, the same bytes for the same plan."""
    return _canonical(plan_document(plan)) + b"\n"


def write_plan(path: Path, plan: CleanupPlan) -> None:
    """Write the file whole or not at all. Raises ConfigError where it cannot be written."""
    try:
        write_whole(path, plan_bytes(plan), with_folders=False)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="give another path to --out") from exc


def read_plan(path: Path, *, cloud: Cloud, clock: Clock) -> CleanupPlan:
    """The plan of a file that may be run here and now.

    Raises:
        ConfigError: It cannot be read, is too large, or is no plan of this version.
        Refused: It was changed since it was written, is of another subscription, tenant or cloud, or is too old.
    """
    plan = parse_plan(read_json(path), name=path.name)
    demand_here(plan, cloud, path.name)
    now = clock.now()
    if now >= plan.valid_until:
        raise Refused(f"{path.name} was valid until {plan.valid_until:%Y-%m-%d %H:%M} UTC", hint=AGAIN)
    if now < plan.made:
        raise Refused(
            f"{path.name} was made at {plan.made:%Y-%m-%d %H:%M} UTC, which is not yet now",
            hint="set this machine's clock right, or make a new plan",
        )
    return plan


def parse_plan(document: Mapping[str, Any], *, name: str) -> CleanupPlan:
    """The plan of a document, whatever its place and date; it is refused only when it is not as it was written.

    Args:
        document: As `plan_document` gives it.
        name: Of its file, for errors.
    """
    if document.get("format") != FORMAT:
        raise ConfigError(f"{name} is no clean-up plan", hint=AGAIN)
    if document.get("version") != VERSION:
        raise ConfigError(f"{name} has version {document.get('version')!r}, not {VERSION}", hint=AGAIN)
    if document.get("hash") != _hash({key: value for key, value in document.items() if key != "hash"}):
        raise Refused(f"{name} was changed since it was written: its hash does not fit", hint=AGAIN)
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, ConfigError) as exc:
        raise ConfigError(f"{name} cannot be read as a plan ({exc})", hint=AGAIN) from exc


def demand_here(plan: CleanupPlan, cloud: Cloud, name: str) -> None:
    """Refuse a plan of another cloud, subscription or tenant."""
    here = {"cloud": cloud.name, "subscription": cloud.subscription_id, "tenant": cloud.tenant_id or ""}
    theirs = {"cloud": plan.cloud, "subscription": plan.subscription, "tenant": plan.tenant}
    for what, value in theirs.items():
        unknown = what == "tenant" and not (value and here[what])  # the sign-in does not always say it
        if not unknown and value.lower() != here[what].lower():
            raise Refused(
                f"{name} is of {what} {value}, and this is {here[what]}", hint="sign in there, or make a plan here"
            )


def read_json(path: Path, *, what: str = "clean-up plan", hint: str = AGAIN) -> dict[str, Any]:
    """A file of ours as a JSON object. Raises ConfigError for what is none, and for one with a key twice."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint=hint) from exc
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{path.name} is larger than {MOST_BYTES // 2**20} MiB", hint=hint)
    try:
        document: object = json.loads(content, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as exc:
        raise ConfigError(f"{path.name} cannot be read as JSON: {exc}", hint=hint) from exc
    if not isinstance(document, dict):
        raise ConfigError(f"{path.name} is no {what}", hint=hint)
    return cast("dict[str, Any]", document)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _canonical(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def _hash(document: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(_canonical(document)).hexdigest()
    except ValueError:  # a number that JSON has not: no plan of ours
        return ""


def _document(plan: CleanupPlan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": plan.id,
        "made": plan.made.astimezone(UTC).isoformat(),
        "valid_until": plan.valid_until.astimezone(UTC).isoformat(),
        "cloud": plan.cloud,
        "tenant": plan.tenant,
        "subscription": plan.subscription,
        "target": {
            "kind": plan.target.kind.value,
            "name": plan.target.name,
            "values": list(plan.target.values),
            "days": plan.target.days,
        },
        "rules": {
            "include_foreign": plan.rules.include_foreign,
            "blocklist": list(plan.rules.blocklist),
            "grace_days": plan.rules.grace_days,
            "marked": plan.rules.marked,
        },
        "groups": [{"id": g.id, "name": g.name, "whole": g.whole, "words": g.words} for g in plan.groups],
        "items": [_item_out(item) for item in plan.items],
        "kept": [
            {"id": k.id, "type": k.type, "name": k.name, "group": k.group, "reason": k.reason.value, "words": k.words}
            for k in plan.kept
        ],
        "confirm": plan.confirm,
    }


def _item_out(item: Item) -> dict[str, Any]:
    money = item.monthly
    return {
        "id": item.id,
        "type": item.type,
        "name": item.name,
        "location": item.location,
        "group": item.group,
        "stage": item.stage.name.lower().replace("_", "-"),
        "why": item.why,
        "with_group": item.with_group,
        "is_deleted": item.is_deleted,
        "soft_deletable": item.soft_deletable,
        "purge": item.purge,
        "api_version": item.api_version,
        "sku": item.sku,
        "monthly": None
        if money is None
        else {
            "amount": str(money.amount),
            "currency": money.currency,
            "per": money.per,
            "dated": money.dated.isoformat(),
            "region": money.region,
        },
        "tags": dict(item.tags),
    }


def _plan(found: Mapping[str, Any]) -> CleanupPlan:
    target, rules = found["target"], found["rules"]
    return CleanupPlan(
        id=_text(found["id"]),
        made=_moment(found["made"]),
        valid_until=_moment(found["valid_until"]),
        cloud=_text(found["cloud"]),
        tenant=_text(found["tenant"]),
        subscription=_text(found["subscription"]),
        target=Target(
            kind=TargetKind(target["kind"]),
            name=_text(target["name"]),
            values=tuple(_text(value) for value in target["values"]),
            days=int(target["days"]),
        ),
        rules=Rules(
            include_foreign=_flag(rules["include_foreign"]),
            blocklist=tuple(_text(pattern) for pattern in rules["blocklist"]),
            grace_days=int(rules["grace_days"]),
            marked=_flag(rules["marked"]),
        ),
        groups=tuple(
            Fate(id=_text(g["id"]), name=_text(g["name"]), whole=_flag(g["whole"]), words=_text(g["words"]))
            for g in found["groups"]
        ),
        items=tuple(_item_in(item) for item in found["items"]),
        kept=tuple(
            Kept(reason=Reason(k["reason"]), **{n: _text(k[n]) for n in ("id", "type", "name", "group", "words")})
            for k in found["kept"]
        ),
        confirm=_text(found["confirm"]),
        hash=_text(found["hash"]),
    )


def _item_in(found: dict[str, Any]) -> Item:
    money = found["monthly"]
    values: dict[str, Any] = {
        n: _text(found[n]) for n in ("id", "type", "name", "location", "group", "why", "api_version", "sku")
    }
    values |= {n: _flag(found[n]) for n in ("with_group", "is_deleted", "soft_deletable", "purge")}
    return Item(
        **values,
        stage=Stage[_text(found["stage"]).upper().replace("-", "_")],
        monthly=None
        if money is None
        else Money(
            amount=Decimal(_text(money["amount"])),
            currency=_text(money["currency"]),
            per=_text(money["per"]),
            dated=date.fromisoformat(money["dated"]),
            region=_text(money["region"]),
        ),
        tags={_text(key): _text(value) for key, value in found["tags"].items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} says no time zone")
    return moment.astimezone(UTC)
