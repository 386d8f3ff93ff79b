"""lab.yaml: what is read, and every mistake at once with its place and remedy."""

from pathlib import Path

import pytest

from automation.errors import ConfigError
from automation.labeling import Task
from automation.provision import StatePlace
from automation.training import ModelKind
from automation.workflow import Lab, parse_lab, read_lab

MISSPELT = (
    "unknown-value lab.yaml:10: labeling.task: 'object-detecton' is not known here | did you mean 'object-detection'?"
)
DANGLING = (
    "dangling-name lab.yaml:20: models.fruitdetector.train: there is no dataset under `datasets:` 'trainin_images'"
    " | did you mean 'training_images'?"
)
GOOD = """\
name: fruit
stack: local
settings: {resourceGroup: rg-ms-learn-vision, expires: 2026-12-24}
images:
  training-images: {path: photos/training}
  evaluation-images: {path: photos/evaluation}
labeling:
  backend: azure-ml
  project: my-labels
  task: object-detection
  container: training-images
  classes: [apple, banana, orange]
  instructions: labeling.md
  assist: {enabled: true, after: 12, threshold: 0.4}
  import: photos/training/labels.json
datasets:
  training_images: {container: training-images, coco: {labeling: my-labels, as: training-labels.json}}
  evaluation_images: {container: evaluation-images, coco: {file: photos/evaluation/eval-labels.json}}
models:
  fruitdetector: {backend: image-analysis, kind: object-detection, train: training_images, evaluate: evaluation_images}
predict:
  fruitdetector: {images: photos/test}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("training", "evaluation", "test"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    for name in ("labeling.md", "photos/training/labels.json", "photos/evaluation/eval-labels.json"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def parse(folder: Path, text: str) -> Lab:
    return parse_lab(text.encode(), folder / "lab.yaml")


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(folder, text)
    return [f"{f.code} {f.where}: {f.message} | {f.hint}" for f in caught.value.findings]


def test_the_whole_of_the_design_is_read(folder: Path) -> None:
    lab = parse(folder, GOOD)

    assert (lab.name, lab.stack) == ("fruit", "local")
    assert lab.program_settings() == {
        "lab": "fruit",
        "containers": ["training-images", "evaluation-images"],
        "resourceGroup": "rg-ms-learn-vision",
        "expires": "2026-12-24",
    }
    assert lab.labeling is not None
    assert (lab.labeling.task, lab.labeling.classes) == (Task.OBJECT_DETECTION, ("apple", "banana", "orange"))
    assert lab.labeling.imported == folder / "photos/training/labels.json"
    assert [(d.name, d.coco_name, d.labeling) for d in lab.datasets] == [
        ("training_images", "training-labels.json", "my-labels"),
        ("evaluation_images", "eval-labels.json", None),
    ]
    assert (lab.models[0].kind, lab.models[0].budget_hours) == (ModelKind.OBJECT_DETECTION, 1)
    assert lab.predict[0].images == folder / "photos/test"


def test_a_lab_without_pictures_leaves_the_containers_to_the_program(folder: Path) -> None:
    assert parse(folder, "name: fruit").program_settings() == {"lab": "fruit"}


def test_every_mistake_comes_at_once_in_the_order_of_the_file(folder: Path) -> None:
    text = GOOD.replace("stack: local", "stak: local").replace("train: training_images", "train: trainin_images")
    text = text.replace("task: object-detection", "task: object-detecton").replace("budget", "buget")

    assert mistakes(folder, text) == [
        "unknown-key lab.yaml:2: stak: unknown key 'stak' | did you mean 'stack'?",
        MISSPELT,
        DANGLING,
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param(
            "photos/training}",
            "photos/trainin}",
            "missing-folder lab.yaml:5: images.training-images.path: the folder 'photos/trainin' is not there",
            id="missing folder",
        ),
        pytest.param(
            "name: fruit",
            "name: Fruit_1",
            "bad-name lab.yaml:1: name: 'Fruit_1' is refused: a lab's name has",
            id="a name that Azure refuses",
        ),
        pytest.param(
            "[apple, banana, orange]",
            "[apple, no, banana]",
            "wrong-type lab.yaml:12: labeling.classes[1]: this must be text, not true or false (False) | put it in",
            id="yaml's no is not a class",
        ),
        pytest.param("after: 12", "after: 0", "out-of-range lab.yaml:14: labeling.assist.after: 0 is", id="range"),
        pytest.param(
            "name: fruit", "name: 7", "wrong-type lab.yaml:1: name: this must be text, not a whole", id="type"
        ),
        pytest.param(
            "backend: image-analysis",
            "backend: automl",
            "not-yet lab.yaml:20: models.fruitdetector.backend",
            id="later",
        ),
        pytest.param(
            "kind: object-detection",
            "kind: image-classification",
            "wrong-kind lab.yaml:20: models.fruitdetector.kind: the labels of 'training_images' are for",
            id="kind",
        ),
        pytest.param(
            "resourceGroup",
            "resource_group",
            "unknown-key lab.yaml:3: settings.resource_group: unknown key 'resource_group'"
            " | settings are written in camelCase: did you mean 'resourceGroup'?",
            id="settings are camelCase",
        ),
        pytest.param("  fruitdetector: {images", "  fruitdetecto: {images", "dangling-name lab.yaml:22:", id="model"),
        pytest.param(
            "as: training-labels.json",
            "as: ../x.json",
            "bad-name lab.yaml:17: datasets.training_images.coco.as",
            id="blob",
        ),
        pytest.param("stack: local", "name: other", "duplicate-key lab.yaml:2: name: the key 'name'", id="duplicate"),
        pytest.param(
            "{path: photos/training}", "photos", "wrong-type lab.yaml:5: images.training-images", id="mapping"
        ),
        pytest.param("{path: photos/training}", "{}", "missing-key lab.yaml:5: images.training-images", id="missing"),
    ],
)
def test_a_mistake_names_its_place(folder: Path, old: str, new: str, found: str) -> None:
    (only,) = mistakes(folder, GOOD.replace(old, new, 1))
    assert only.startswith(found)


def test_two_datasets_cannot_share_a_file(folder: Path) -> None:
    text = GOOD.replace(
        "models:\n",
        "  second: {container: evaluation-images, coco: {file: photos/evaluation/eval-labels.json}}\nmodels:\n",
    )
    (only,) = mistakes(folder, text)
    assert "duplicate-file lab.yaml:19" in only


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: [", "lab.yaml:1: expected the node content"),
        (b"a: &x 1\nb: *x", "lab.yaml:1: anchors and aliases"),
        (b"\xff\xfe", "lab.yaml is not UTF-8 text (byte 0)"),
        (b"[" * 50_000, "lab.yaml is nested too deeply"),
        (b"x" * 1_000_001, "lab.yaml has 1000001 bytes"),
        (b"a: 1\n---\nb: 2", "lab.yaml:2: but found another document"),
    ],
)
def test_what_is_no_lab_file_is_refused_with_a_reason(folder: Path, content: bytes, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_lab(content, folder / "lab.yaml")
    assert caught.value.message.startswith(said)
    assert caught.value.hint


def test_python_objects_in_yaml_stay_text_that_is_refused(folder: Path) -> None:
    found = mistakes(folder, "name: !!python/object:os.system x")
    assert found[0].startswith("unknown-tag lab.yaml:1: name")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no lab file") as caught:
        read_lab(tmp_path / "lab.yaml")
    assert caught.value.hint == "name the file, or run `visionlab init` to make one"


def test_a_container_name_that_azure_refuses_is_found_where_it_is_named(folder: Path) -> None:
    found = mistakes(folder, "name: fruit\nimages: {Evaluation_Images: {path: photos/test}}")
    assert [line.split(" has ")[0] for line in found] == [
        "bad-name lab.yaml:2: images.Evaluation_Images: 'Evaluation_Images' is refused: a container's name"
    ]


def test_the_state_of_a_stack_on_azure_has_a_place(folder: Path) -> None:
    lab = parse(
        folder,
        "name: fruit\nstack: azure\nstate:\n  backend: azblob://state?storage_account=mystate\n"
        "  secrets: azurekeyvault://v.vault.azure.net/keys/k\n",
    )
    assert lab.state == StatePlace(
        backend="azblob://state?storage_account=mystate", secrets="azurekeyvault://v.vault.azure.net/keys/k"
    )
    assert parse(folder, "name: fruit\n").state == StatePlace(backend=None, secrets="passphrase")


def test_a_place_for_state_that_is_none_is_a_mistake(folder: Path) -> None:
    found = mistakes(folder, "name: fruit\nstate: {backend: 's3://x', secrets: awskms, bakcend: x}\n")
    assert [line.partition(" | ")[0] for line in found] == [
        "unknown-key lab.yaml:2: state.bakcend: unknown key 'bakcend'",
        (
            "bad-name lab.yaml:2: state.backend: 's3://x' is refused:"
            " a back end is file://FOLDER or azblob://CONTAINER?storage_account=NAME"
        ),
        (
            "bad-name lab.yaml:2: state.secrets: 'awskms' is refused:"
            " secrets are encrypted by `passphrase` or by azurekeyvault://VAULT.vault.azure.net/keys/KEY"
        ),
    ]
