"""lab.yaml: read, checked as a whole, and turned into a `Lab`.

Owns: which keys there are, what they may hold, and how they hang together. All mistakes come at once, each with
file, line, key path and the nearest valid name.
Leaves: YAML itself to `lab_yaml.py`, what stands under `labeling:` to `lab_labeling.py`, settings of the Pulumi
program to the program.
"""

from collections.abc import Callable
from pathlib import Path

from automation.errors import ConfigError
from automation.nearest import hint_for
from automation.provision import PASSPHRASE, StatePlace, backend_problem, secrets_problem
from automation.training import ModelKind
from automation.workflow import azure_names
from automation.workflow.lab_labeling import TEACHES, read_labeling
from automation.workflow.lab_types import (
    DatasetPlan,
    Lab,
    LabelingPlan,
    ModelPlan,
    PictureFolder,
    PredictPlan,
)
from automation.workflow.lab_yaml import Located, Reader, parse_yaml
from automation.workflow.provisioned import Provisioned, read_provisioned

__all__ = ["STACKS", "parse_lab", "read_home", "read_lab"]

STACKS = ("local", "azure", "course")
_KEYS = (
    "name",
    "stack",
    "provisioned",
    "home",
    "settings",
    "images",
    "labeling",
    "datasets",
    "models",
    "predict",
    "state",
)
_OF_WHO_PROVISIONS = ("settings", "state")
_OWN_SETTINGS = {"lab": "`name:`", "containers": "`images:`"}


def read_lab(path: Path) -> Lab:
    """Read and check a lab file. Raises ConfigError with every mistake in `findings`."""
    path = path.absolute()
    if path.is_dir():
        path = path / "lab.yaml"
    try:
        content = path.read_bytes()
    except FileNotFoundError as exc:
        hint = "name the file, or run `visionlab init` to make one"
        raise ConfigError(f"there is no lab file {path}", hint=hint) from exc
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint="check its permissions") from exc
    return parse_lab(content, path)


def parse_lab(content: bytes, path: Path) -> Lab:
    """As `read_lab`, for a file's content; paths in it start at the folder of `path`."""
    reader = Reader(path.name)
    root = parse_yaml(content, reader, path.name)
    lab = _LabCheck(reader, path).lab(root)
    if reader.findings:
        count = len(reader.findings)
        raise ConfigError(
            f"{path.name} has {count} mistake{'s' if count > 1 else ''}",
            hint=f"mend {path} and run the command again; nothing was changed",
            findings=tuple(sorted(reader.findings, key=_line)),
        )
    return lab


def _line(finding: object) -> int:
    where = str(getattr(finding, "where", ""))
    return int(where.split(":")[1])


class _LabCheck:
    """One pass over the tree. What is wrong is left out of the Lab, and the Lab is then not used."""

    def __init__(self, reader: Reader, path: Path) -> None:
        self.reader, self.path, self.folder = reader, path, path.parent

    def lab(self, root: Located) -> Lab:
        top = self.reader.mapping(root, known=_KEYS, required=("name",))
        provisioned = self.provisioned(top)
        images = self.images(top.get("images"), provisioned)
        containers = list((top["images"].entries if "images" in top else None) or ())
        labeling = read_labeling(self.reader, self.folder, top.get("labeling"), containers)
        datasets = self.datasets(top.get("datasets"), containers, labeling)
        models = self.models(top.get("models"), datasets, top.get("datasets"), labeling)
        return Lab(
            path=self.path,
            name=self.reader.named(
                top.get("name"), azure_names.lab_elsewhere if "provisioned" in top else azure_names.lab
            )
            or "",
            stack=self.reader.choice(top.get("stack"), STACKS) or "local",
            settings=self.settings(top.get("settings")),
            images=images,
            labeling=labeling,
            datasets=datasets,
            models=models,
            predict=self.predict(top.get("predict"), top.get("models")),
            state=self.state(top.get("state")),
            provisioned=provisioned,
            home=self.home(top),
        )

    def keyed(self, at: Located | None, rule: Callable[[str], str | None]) -> dict[str, Located]:
        """A mapping whose keys are names that Azure takes."""
        if at is None:
            return {}
        entries = self.reader.mapping(at)
        for name, item in entries.items():
            if why := rule(name):
                self.reader.wrong("bad-name", item, f"{name!r} is refused: {why}", "choose another name")
        return entries

    def settings(self, at: Located | None) -> dict[str, object]:
        if at is None:
            return {}
        entries = self.reader.mapping(at)
        for name, item in entries.items():
            if name in _OWN_SETTINGS:
                hint = f"leave it out here: {_OWN_SETTINGS[name]} says it"
                self.reader.wrong("unknown-key", item, f"{name!r} is not set here", hint)
            elif "_" in name or "-" in name or not name[:1].islower():
                words = name.replace("-", "_").split("_")
                camel = "".join([words[0][:1].lower() + words[0][1:], *(word.capitalize() for word in words[1:])])
                hint = f"settings are written in camelCase: did you mean {camel!r}?"
                self.reader.wrong("unknown-key", item, f"unknown key {name!r}", hint)
        return {name: item.plain() for name, item in entries.items() if name not in _OWN_SETTINGS}

    def provisioned(self, top: dict[str, Located]) -> Provisioned | None:
        """Resources of somebody else; what only their provisioning reads has no place beside them."""
        if (at := top.get("provisioned")) is None:
            return None
        for name in _OF_WHO_PROVISIONS:
            if name in top:
                hint = f"leave `{name}:` out, or `provisioned:`"
                self.reader.wrong("unused-key", top[name], "resources that are provisioned elsewhere ignore it", hint)
        path = self.reader.path(at, self.folder, is_folder=False)
        try:
            return read_provisioned(path) if path else None
        except ConfigError as exc:
            self.reader.wrong("bad-outputs", at, exc.message, "ask whoever provisioned it for the file of outputs")
            return None

    def home(self, top: dict[str, Located]) -> Path | None:
        """Another state folder; it need not be there, for on Azure nothing is in it."""
        at = top.get("home")
        if (word := self.reader.text(at)) is None or at is None:
            return None
        path = self.folder / Path(word).expanduser()
        if path.exists() and not path.is_dir():
            self.reader.wrong("missing-folder", at, f"{word!r} is no folder", "name the state folder, `.visionlab`")
        return path.resolve()

    def state(self, at: Located | None) -> StatePlace:
        entry = self.reader.mapping(at, known=("backend", "secrets")) if at else {}
        return StatePlace(
            backend=self.reader.named(entry.get("backend"), backend_problem),
            secrets=self.reader.named(entry.get("secrets"), secrets_problem) or PASSPHRASE,
        )

    def images(self, at: Located | None, provisioned: Provisioned | None) -> tuple[PictureFolder, ...]:
        found: list[PictureFolder] = []
        for name, item in self.keyed(at, azure_names.container).items():
            if provisioned and name not in (there := provisioned.outputs.containers):
                hint = hint_for(name, there, otherwise=f"the containers are {', '.join(there)}")
                message = f"{provisioned.path.name} has no container {name!r}, and none is made"
                self.reader.wrong("dangling-name", item, message, hint)
            entry = self.reader.mapping(item, known=("path",), required=("path",))
            path = self.reader.path(entry.get("path"), self.folder, is_folder=True)
            if path is not None:
                found.append(PictureFolder(container=name, path=path))
        return tuple(found)

    def datasets(
        self, at: Located | None, containers: list[str], labeling: LabelingPlan | None
    ) -> tuple[DatasetPlan, ...]:
        found: list[DatasetPlan] = []
        taken: dict[tuple[str, str], str] = {}
        for name, item in self.keyed(at, azure_names.service_name).items():
            entry = self.reader.mapping(item, known=("container", "coco"), required=("container", "coco"))
            container = self.reader.reference(entry.get("container"), containers, "container under `images:`")
            if (coco := entry.get("coco")) is None:
                continue
            plan = self.coco(name, container or "", coco, labeling)
            if plan is None:
                continue
            if (place := (plan.container, plan.coco_name)) in taken:
                message = f"the dataset {taken[place]!r} has the file {plan.coco_name!r} in the same container"
                self.reader.wrong("duplicate-file", coco, message, "give one of them another name with `as:`")
            taken[place] = name
            found.append(plan)
        return tuple(found)

    def coco(self, name: str, container: str, at: Located, labeling: LabelingPlan | None) -> DatasetPlan | None:
        entry = self.reader.mapping(at, known=("labeling", "file", "as"))
        if ("labeling" in entry) == ("file" in entry):
            hint = "write {labeling: PROJECT, as: NAME.json} or {file: PATH}"
            self.reader.wrong("ambiguous", at, "a dataset's labels come from `labeling:` or from `file:`", hint)
            return None
        coco_name = self.reader.named(entry.get("as"), azure_names.blob_name)
        if "file" in entry:
            path = self.reader.path(entry.get("file"), self.folder, is_folder=False)
            default = path.name if path else f"{name}.json"
            return DatasetPlan(name=name, container=container, coco_name=coco_name or default, coco_file=path)
        known = [labeling.project] if labeling and labeling.project else []
        project = self.reader.reference(entry.get("labeling"), known, "labeling project")
        if labeling and container and labeling.container and container != labeling.container:
            message = f"the labels are of pictures in {labeling.container!r}, the dataset is in {container!r}"
            self.reader.wrong("dangling-name", at, message, f"set `container: {labeling.container}`")
        return DatasetPlan(
            name=name, container=container, coco_name=coco_name or f"{name}.json", labeling=project or ""
        )

    def models(
        self,
        at: Located | None,
        datasets: tuple[DatasetPlan, ...],
        named: Located | None,
        labeling: LabelingPlan | None,
    ) -> tuple[ModelPlan, ...]:
        known = list(named.entries or ()) if named else []
        keys = ("backend", "kind", "train", "evaluate", "budget_hours")
        found: list[ModelPlan] = []
        for name, item in self.keyed(at, azure_names.service_name).items():
            entry = self.reader.mapping(item, known=keys, required=("kind", "train"))
            self.reader.choice(entry.get("backend"), ("image-analysis",), later=("custom-vision", "automl"))
            kind = ModelKind(
                self.reader.choice(entry.get("kind"), [k.value for k in ModelKind]) or ModelKind.OBJECT_DETECTION
            )
            train = self.reader.reference(entry.get("train"), known, "dataset under `datasets:`")
            source = next((plan for plan in datasets if plan.name == train), None)
            taught = TEACHES.get(labeling.task) if labeling else None
            if source and source.labeling and labeling and "kind" in entry and taught is not kind:
                message = f"the labels of {train!r} are for {labeling.task}, the model learns {kind}"
                hint = f"set `kind: {taught}`" if taught else "models with several labels a picture come later"
                self.reader.wrong("wrong-kind", entry["kind"], message, hint)
            found.append(
                ModelPlan(
                    name=name,
                    kind=kind,
                    train=train or "",
                    evaluate=self.reader.reference(entry.get("evaluate"), known, "dataset under `datasets:`"),
                    budget_hours=self.reader.number(
                        entry.get("budget_hours"), low=1, high=kind.most_budget_hours, default=1
                    ),
                )
            )
        return tuple(found)

    def predict(self, at: Located | None, models: Located | None) -> tuple[PredictPlan, ...]:
        known = list(models.entries or ()) if models else []
        found: list[PredictPlan] = []
        for name, item in self.reader.mapping(at).items() if at else ():
            if name not in known:
                self.reader.reference(Located(value=name, line=item.line, key=item.key), known, "model under `models:`")
            entry = self.reader.mapping(item, known=("images",), required=("images",))
            images = self.reader.path(entry.get("images"), self.folder, is_folder=True)
            if images is not None:
                found.append(PredictPlan(model=name, images=images))
        return tuple(found)


def read_home(path: Path) -> Path | None:
    """What a lab file says as `home:`, whatever else is wrong with it; None when it says nothing or cannot be read."""
    path = path.absolute() / "lab.yaml" if path.is_dir() else path.absolute()
    try:
        content = path.read_bytes()
        root = parse_yaml(content, Reader(path.name), path.name) if b"home:" in content else None
    except (OSError, ConfigError):
        return None
    at = (root.entries or {}).get("home") if root else None
    return (
        None if at is None or not isinstance(at.value, str) else (path.parent / Path(at.value).expanduser()).resolve()
    )
