"""Where the Pulumi program and its settings are, and what a stack's configuration comes to.

Owns: finding `infra` without importing it, reading Pulumi.yaml and stacks/Pulumi.<stack>.yaml, merging settings.
Leaves: what the settings mean to the program.

Later sources win: defaults of Pulumi.yaml, the stack's file, then what the caller gives.
"""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from automation.errors import ConfigError

__all__ = ["Project", "StackConfig", "find_project", "read_config", "read_settings"]

# How a stack's file says what its secrets are encrypted with.
_SECRETS = ("encryptionsalt", "secretsprovider", "encryptedkey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A program and the folder of its settings.

    Attributes:
        name: The `name` of Pulumi.yaml, which stands in every URN.
        program: The file to run.
        stacks: The folder of the stacks' files.
        settings: The `config` of Pulumi.yaml.
    """

    name: str
    program: Path
    stacks: Path
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """Settings as Pulumi passes them: "project:key" to text, objects as JSON."""

    values: Mapping[str, str] = field(repr=False)
    secret_keys: tuple[str, ...] = ()

    def provider_settings(self, package: str) -> dict[str, str]:
        """Settings of a provider: those whose key begins with its name."""
        prefix = f"{package}:"
        return {key.removeprefix(prefix): text for key, text in self.values.items() if key.startswith(prefix)}


def find_project() -> Project:
    """The project that is installed here: of the checkout, or of the wheel."""
    spec = importlib.util.find_spec("infra")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        raise ConfigError("the package infra is not installed", hint="install visionlab again")
    infra = Path(locations[0])
    for folder in (infra.parent, infra / "_project"):
        if (folder / "Pulumi.yaml").is_file():
            return read_project(folder, program=infra / "__main__.py")
    raise ConfigError(f"there is no Pulumi.yaml beside {infra}", hint="install visionlab again")


def read_project(folder: Path, *, program: Path) -> Project:
    path = folder / "Pulumi.yaml"
    found = _read_yaml(path)
    name = found.get("name")
    if not isinstance(name, str):
        raise ConfigError(f"{path} has no name")
    settings = found.get("config")
    return Project(
        name=name,
        program=program,
        stacks=folder / str(found.get("stackConfigDir") or "."),
        settings=cast("dict[str, Any]", settings) if isinstance(settings, dict) else {},
    )


def read_config(project: Project, settings: str, given: Mapping[str, object], *, passphrase: str) -> StackConfig:
    """The settings of a stack: of the file Pulumi.<settings>.yaml, and of `given`, which wins.

    `given` has the project's own keys without prefix.
    """
    path = project.stacks / f"Pulumi.{settings}.yaml"
    found = _read_yaml(path) if path.is_file() else {}
    values = _merged(project, found, given, path)
    secret = tuple(sorted(key for key, value in values.items() if _is_secure(value)))
    if secret:
        values |= _decrypted({key: values[key]["secure"] for key in secret}, found, passphrase, path)
    return StackConfig(values={key: _text(value) for key, value in sorted(values.items())}, secret_keys=secret)


def read_settings(project: Project, settings: str, given: Mapping[str, object], *, kept: Path) -> dict[str, Any]:
    """The same as the content of a stack's file for Pulumi's CLI: secrets stay encrypted as they are.

    Args:
        project: The project.
        settings: As in `read_config`.
        given: As in `read_config`.
        kept: The file that the CLI had before; it knows how the stack's secrets are encrypted when ours does not.
    """
    path = project.stacks / f"Pulumi.{settings}.yaml"
    found = _read_yaml(path) if path.is_file() else {}
    before = _read_yaml(kept) if kept.is_file() else {}
    values = _merged(project, found, given, path)
    source = found if any(found.get(key) for key in _SECRETS) else before
    secrets = {key: source[key] for key in _SECRETS if source.get(key)}
    config = {key: value if _is_secure(value) else _text(value) for key, value in sorted(values.items())}
    return {**secrets, "config": config}


def _merged(project: Project, found: Mapping[str, Any], given: Mapping[str, object], path: Path) -> dict[str, Any]:
    """Defaults, the stack's file and what is given, by full keys."""
    values: dict[str, Any] = {}
    for key, schema in project.settings.items():
        default = _default(schema)
        if default is not None:
            values[_full(key, project)] = default
    of_stack: object = found.get("config") or {}
    if not isinstance(of_stack, dict):
        raise ConfigError(f"{path}: config is not a mapping")
    values.update({_full(str(key), project): value for key, value in cast("dict[Any, Any]", of_stack).items()})
    values.update({_full(key, project): value for key, value in given.items() if value is not None})
    return values


def _full(key: str, project: Project) -> str:
    return key if ":" in key else f"{project.name}:{key}"


def _default(schema: object) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = cast("dict[str, Any]", schema)
    return found.get("value", found.get("default"))


def _is_secure(value: object) -> bool:
    return isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"secure"}


def _decrypted(sealed: Mapping[str, Any], found: Mapping[str, Any], passphrase: str, path: Path) -> dict[str, str]:
    from automation.provision.embedded.crypter import Passphrase

    salt = found.get("encryptionsalt")
    if not isinstance(salt, str):
        raise ConfigError(f"{path} has secrets but no encryptionsalt", hint="only passphrase secrets can be read here")
    crypter = Passphrase(passphrase, salt)
    return {key: crypter.decrypt(str(text)) for key, text in sealed.items()}


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case None:
            return ""
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value, default=_text)


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        # The loader in C is the same and many times faster; not every build of the package has it.
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found: object = yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 (it is a safe one)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ConfigError(f"{path} is not a mapping")
    return cast("dict[str, Any]", found)
