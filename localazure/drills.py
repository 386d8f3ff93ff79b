"""Drills: scenes of trouble by name, switched on by a teacher or a test, the same each time.

Owns: the table: what each does, what one should see, how it ends, what to try; and switching them on and off.
Leaves: the trouble itself to fault rules, role assignments and locks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.errors import AzureError
from localazure.faults import Faults

__all__ = ["DRILLS", "Drill", "Drills", "Stage"]

_MOST_COUNT, _MOST_S = 100_000, 86_400.0
_GROUPS = "^/subscriptions/[^/]+/resourceGroups/[^/]+$"
_ACCOUNTS = "/Microsoft.CognitiveServices/accounts/[^/]+$"
_WORKSPACES = "/Microsoft.MachineLearningServices/workspaces/[^/]+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A drill with its numbers: how often, how long, whom."""

    count: int | None
    seconds: float
    match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One row.

    Attributes:
        name: What it is called by.
        what: What it does.
        see: What somebody who works should see; `ends` how it ends by itself, `tries` which command to try.
        rules: The fault rules that it puts into force.
        act: What it does besides: "lock" or "roles".
        count: How often it strikes unless somebody says otherwise; None for what does not strike.
        seconds: How long what it delays takes; None for what delays nothing.
        match: Whom it strikes: a regular expression as in fault rules.
    """

    name: str
    what: str
    see: str
    ends: str
    tries: str
    rules: Callable[[Scene], Sequence[Mapping[str, Any]]] = lambda _: ()
    act: str = ""
    count: int | None = None
    seconds: float | None = None
    match: str = ""


def _failed_training(name: str, code: str, hint: str) -> Drill:
    return Drill(
        name=f"training-{name}",
        what=f"the next training fails with the service's code {code}",
        see=f"the training ends as failed [{code}], with a hint: {hint}; exit code 1",
        ends="after {count} training",
        tries="visionlab model train MODEL, or visionlab run; then the same again",
        rules=lambda scene: [{"kind": "training", "code": code, "path": scene.match, "count": scene.count}],
        count=1,
    )


DRILLS: tuple[Drill, ...] = (
    Drill(
        name="throttled",
        what="the next requests to Resource Manager, vision and labeling are answered 429, with Retry-After",
        see="commands take some seconds longer, and nothing fails",
        ends="after {count} answers",
        tries="visionlab lab up",
        rules=lambda scene: [{"kind": "throttle", "path": scene.match, "count": scene.count, "retryAfter": 1}],
        count=10,
        match="^/(subscriptions|cognitiveservices|computervision|labeling)/",
    ),
    Drill(
        name="stuck-deletion",
        what="a resource group that is deleted stays in Deleting",
        see="the command waits; Ctrl-C stops the waiting, not the deletion, and the same command takes it up again",
        ends="after {seconds} s",
        tries="visionlab lab down",
        rules=lambda s: [{"kind": "stuck", "path": s.match, "count": s.count, "seconds": s.seconds}],
        count=1,
        seconds=600,
        match=_GROUPS,
    ),
    Drill(
        name="soft-deleted-name",
        what="a vision account that is made anew was there before: a deleted one still has its name",
        see="FlagMustBeSetForRestore; `visionlab doctor` names what keeps the name, and how to purge it",
        ends="after {count} name; the deleted one stays until it is purged",
        tries="visionlab lab up, visionlab doctor, visionlab lab down (it purges), visionlab lab up",
        rules=lambda scene: [{"kind": "ghost", "path": scene.match, "count": scene.count}],
        count=1,
        match=_ACCOUNTS,
    ),
    Drill(
        name="foreign-lock",
        what="somebody else has locked every resource group that there is now (CanNotDelete)",
        see="nothing is deleted, and the lock is named: its owner has to remove it",
        ends="when it is switched off, or somebody deletes the locks",
        tries="visionlab lab down",
        act="lock",
    ),
    Drill(
        name="slow-roles",
        what="role assignments that are made from now on count only after a while, as on Azure",
        see="commands wait for the role assignment and say so; then they go on",
        ends="when it is switched off; each assignment after {seconds} s",
        tries="visionlab lab up, visionlab images upload",
        act="roles",
        seconds=600,
    ),
    _failed_training("diverged", "diverged", "check the labels, add pictures, or train again"),
    _failed_training("budget", "notEnoughBudget", "raise budget_hours"),
    _failed_training("corrupt", "datasetCorrupt", "check the COCO file and its image URLs"),
    _failed_training("no-dataset", "datasetNotFound", "create the dataset first"),
    _failed_training("unknown", "unknown", "try again"),
    Drill(
        name="cut-uploads",
        what="the blob server hangs up in the middle of uploads",
        see="uploads are tried again and arrive, or the command says which did not, and the next run sends those only",
        ends="after {count} uploads",
        tries="visionlab images upload",
        rules=lambda scene: [{"kind": "blob-cut", "method": "PUT", "path": scene.match, "count": scene.count}],
        count=5,
        match=r"\.(jpe?g|png|bmp|gif|json)$",
    ),
    Drill(
        name="purge-deadlock",
        what="an ML workspace that is made anew was there before, and the service can neither list nor purge it",
        see="Soft-deleted workspace exists; purging answers ResourceNotFound: another suffix is the way out",
        ends="after {count} name; the name stays taken for 14 days",
        tries="visionlab lab up, visionlab lab down, and again with `settings: {{suffix: ...}}` in lab.yaml",
        rules=lambda scene: [
            {"kind": "ghost", "path": scene.match, "count": scene.count},
            {"kind": "unpurgeable", "path": scene.match},
        ],
        count=1,
        match=_WORKSPACES,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What drills act on besides fault rules.

    Attributes:
        lock: Locks all groups for somebody else; how many. `unlock` takes those locks away, `locked` counts them.
        slow_roles: How long new role assignments take, None as ever. `roles_slow_s` tells.
        release: Ends at once the deletions that a fault rule holds up.
    """

    lock: Callable[[], int]
    unlock: Callable[[], int]
    locked: Callable[[], int]
    slow_roles: Callable[[float | None], None]
    roles_slow_s: Callable[[], float | None]
    release: Callable[[], int]


class Drills:
    """The drills of one local Azure. A restart ends all of them, except for locks, which stay until switched off."""

    def __init__(self, faults: Faults, stage: Stage) -> None:
        self._faults, self._stage = faults, stage

    def shown(self) -> list[dict[str, Any]]:
        """Every drill, and how it stands."""
        return [self._shown(drill) for drill in DRILLS]

    def begin(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Switch one on, anew when it is on. `options` may have count, seconds, match. AzureError 404, 400 or 409."""
        drill = _named(name)
        scene = _scene(drill, options)
        rules = drill.rules(scene)
        if rules:
            self._faults.begin(name, rules)
        if drill.act == "lock" and self._stage.lock() == 0:
            raise AzureError(409, "NothingToLock", "There is no resource group to lock: provision a lab first.")
        if drill.act == "roles":
            self._stage.slow_roles(scene.seconds)
        return self._shown(drill)

    def end(self, name: str) -> dict[str, Any]:
        """Switch one off, and let go of what it holds. AzureError 404 for a name that nobody knows."""
        drill = _named(name)
        self._faults.end(name)
        if drill.act == "lock":
            self._stage.unlock()
        if drill.act == "roles":
            self._stage.slow_roles(None)
        if name == "stuck-deletion":
            self._stage.release()
        return self._shown(drill)

    def end_all(self) -> list[dict[str, Any]]:
        for drill in DRILLS:
            self.end(drill.name)
        return self.shown()

    def _shown(self, drill: Drill) -> dict[str, Any]:
        rules = self._faults.rules(drill.name)
        counted = [rule["left"] for rule in rules if rule["left"] is not None]
        left = max(counted, default=None)
        on = bool(rules) and left != 0
        seconds = next((rule["seconds"] for rule in rules if drill.seconds is not None), drill.seconds)
        if drill.act == "lock":
            on = self._stage.locked() > 0
        if drill.act == "roles":
            slow_s = self._stage.roles_slow_s()
            on, seconds = slow_s is not None, drill.seconds if slow_s is None else slow_s
        words = {"count": drill.count if left is None else left, "seconds": f"{seconds or 0:g}"}
        return {
            "name": drill.name,
            "on": on,
            "left": left if on else None,
            "what": drill.what,
            "see": drill.see,
            "ends": drill.ends.format(**words),
            "try": drill.tries.format(),
        }


def _named(name: str) -> Drill:
    found = next((drill for drill in DRILLS if drill.name == name), None)
    if found is None:
        raise AzureError(
            404, "DrillNotFound", f"There is no drill '{name}': it can be {', '.join(drill.name for drill in DRILLS)}."
        )
    return found


def _scene(drill: Drill, options: Mapping[str, Any]) -> Scene:
    """The numbers of a drill, checked; what it has no use for is refused."""
    useful = {"count": drill.count is not None, "seconds": drill.seconds is not None, "match": bool(drill.rules(_ANY))}
    useless = [name for name, value in options.items() if value is not None and not useful.get(name)]
    if useless:
        raise _wrong(f"the drill '{drill.name}' takes no {', '.join(sorted(useless))}")
    count, seconds, match = (options.get(name) for name in ("count", "seconds", "match"))
    count = drill.count if count is None else count
    seconds = drill.seconds or 0.0 if seconds is None else seconds
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= _MOST_COUNT):
        raise _wrong(f"'count' must be a whole number from 1 to {_MOST_COUNT}")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _MOST_S:
        raise _wrong(f"'seconds' must be a number from 0 to {_MOST_S:.0f}")
    if match is not None and not isinstance(match, str):
        raise _wrong("'match' must be text")
    return Scene(count=count, seconds=float(seconds), match=match or drill.match)


def _wrong(what: str) -> AzureError:
    return AzureError(400, "InvalidDrill", f"{what[0].upper()}{what[1:]}.")


_ANY = Scene(count=1, seconds=0.0, match="")
