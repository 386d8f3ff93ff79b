"""Deployments in a whole local Azure: put, let time pass until they have ended, look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from localazure.app import BlobSide, build
from tests.localazure.arm.conftest import KEY, no_reader

GROUP_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
SUBSCRIPTION_SCHEMA = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"


def template(*resources: Any, schema: str = GROUP_SCHEMA, **sections: Any) -> dict[str, Any]:
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": list(resources), **sections}


def identity(name: str, **more: Any) -> dict[str, Any]:
    """The simplest resource: a managed identity."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return {"type": kind, "apiVersion": "2023-01-31", "name": name, "location": "eastus", **more}


def storage(name: str, **more: Any) -> dict[str, Any]:
    """A resource that takes a while."""
    kind = {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "kind": "StorageV2"}
    return {**kind, "name": name, "location": "eastus", "sku": {"name": "Standard_LRS"}, **more}


@dataclass
class Desk:
    """Sends deployments to a resource group, or to the subscription."""

    lab: Any
    scope: str
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def path(self, name: str = "d1") -> str:
        return f"{self.scope}/providers/Microsoft.Resources/deployments/{name}"

    def body(self, document: Any, mode: str = "Incremental", **values: Any) -> dict[str, Any]:
        parameters = {name: {"value": value} for name, value in values.items()}
        return {**self.extra, "properties": {"mode": mode, "template": document, "parameters": parameters}}

    def put(self, document: Any, name: str = "d1", mode: str = "Incremental", **values: Any) -> Any:
        return self.lab.put(self.path(name), self.body(document, mode, **values))

    def settle(self, name: str = "d1") -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for _ in range(60):
            shown = self.lab.get(self.path(name)).json()
            if shown["properties"]["provisioningState"] in {"Succeeded", "Failed", "Canceled"}:
                return shown
            self.lab.pass_s(0.5)
        raise AssertionError(shown)

    def deploy(self, document: Any, name: str = "d1", mode: str = "Incremental", **values: Any) -> dict[str, Any]:
        """Put, wait, and the deployment as it ended."""
        answer = self.put(document, name, mode, **values)
        assert answer.status_code in {200, 201}, answer.text
        return self.settle(name)

    def outputs(self, document: Any, **values: Any) -> dict[str, Any]:
        ended = self.deploy(document, **values)
        assert ended["properties"]["provisioningState"] == "Succeeded", ended
        return {name: output.get("value") for name, output in ended["properties"]["outputs"].items()}

    def refused(self, document: Any, **values: Any) -> tuple[int, str, str]:
        answer = self.put(document, "refused", **values)
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]

    def operations(self, name: str = "d1") -> list[dict[str, Any]]:
        return self.lab.get(f"{self.path(name)}/operations").json()["value"]


@pytest.fixture
def desk(lab: Any) -> Desk:
    return Desk(lab, lab.group())


@pytest.fixture
def subscription_desk(lab: Any) -> Desk:
    return Desk(lab, lab.subscription, {"location": "eastus"})


@pytest.fixture
def restarted(lab: Any) -> Callable[[], Any]:
    """The local Azure as it comes up again over what is stored; the one before has stopped in its tracks."""

    def again() -> Any:
        blob = BlobSide(containers=lab.containers, publish=lambda _accounts: None, reader=no_reader)
        return build(lab.settings, store=lab.store, clock=lab.clock, key=KEY, blob=blob)

    return again
