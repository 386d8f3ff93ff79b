"""The table of types, against the SDK and the REST specifications' client models."""

import importlib
import importlib.metadata
import inspect
import re
import typing

import pytest

from automation.errors import ConfigError
from automation.provision.azure_native import wire
from automation.provision.azure_native.types import TYPES, VERSION, kind_of
from tests.automation.provision.fake_arm import API_VERSIONS, SUBSCRIPTION, type_of


def sdk_class(token: str) -> type:
    module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)


@pytest.mark.parametrize("token", sorted(TYPES))
def test_the_api_version_is_the_sdks_and_the_specifications(token: str) -> None:
    kind = TYPES[token]
    source = inspect.getsource(sdk_class(token))
    said = re.search(r"Uses Azure REST API version ([\w-]+)\.", source)
    assert said is not None
    sample = wire.resource_id(kind, dict.fromkeys(kind.parameters, "x"), SUBSCRIPTION)
    assert {kind.api_version} == {said[1], API_VERSIONS[type_of(sample)]}


@pytest.mark.parametrize("token", sorted(TYPES))
def test_every_name_in_a_row_is_an_input_or_output_of_the_sdk(token: str) -> None:
    kind = TYPES[token]
    source = inspect.getsource(importlib.import_module(sdk_class(token).__module__))
    known = {a or b for a, b in re.findall(r'@pulumi.getter(?:\(name="(\w+)"\))?\n\s+def (\w+)\(', source)}
    named = {*kind.parameters, *kind.renames, *kind.inner, *kind.lifted, *kind.unsent, *kind.required}
    named |= {path.split(".")[0] for path in kind.force_new}
    assert named - known == set()
    assert ("location" in known, "properties" in _inputs(token)) == (kind.located, kind.nested)


@pytest.mark.parametrize("token", sorted(TYPES))
def test_what_the_sdk_requires_is_required(token: str) -> None:
    kind = TYPES[token]
    init = inspect.getsource(sdk_class(token))
    required = {_camel(name) for name in re.findall(r"if (\w+) is None and not opts.urn", init)}
    if token == "machinelearningservices:DataVersion":
        required = {name.rstrip("_") for name in required}
    assert required <= {*kind.parameters, *kind.required}


def test_the_table_is_of_the_version_that_is_installed() -> None:
    assert importlib.metadata.version("pulumi_azure_native") == VERSION


def test_an_unknown_type_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        kind_of("azure-native:compute:VirtualMachine")
    assert "storage:BlobContainer" in (caught.value.hint or "")


def _inputs(token: str) -> set[str]:
    init: typing.Any = sdk_class(token)
    return set(inspect.signature(init._internal_init).parameters)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
