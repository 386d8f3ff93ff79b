"""What is kept of deployments: the document that GET shows, how to go on after a restart, the state of each step.

Owns: where these lie in the store. Values of secure parameters are never among them. Leaves: their meaning to `run.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.arm.ids import key
from localazure.store import Store

__all__ = ["ENDED", "Records"]

ENDED = ("Succeeded", "Failed", "Canceled")

_SHOWN, _RUN, _STEP = "deployment", "deployment/run", "deployment/step"

Json = dict[str, Any]


class Records:
    """Deployments by id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def shown(self, deployment_id: str) -> Json | None:
        """The document; `_operation` in it names the long-running operation."""
        return self._store.get(_SHOWN, key(deployment_id))

    def keep(self, document: Mapping[str, Any]) -> None:
        self._store.put(_SHOWN, key(document["id"]), document)

    def list(self, scope: str) -> list[Json]:
        """Those directly at a scope, the latest first."""
        prefix = f"{key(scope)}/providers/microsoft.resources/deployments/"
        found = [document for _, document in self._store.list(_SHOWN, prefix)]
        return sorted(found, key=lambda document: document["properties"]["timestamp"], reverse=True)

    def count(self, scope: str) -> int:
        return self._store.count(_SHOWN, f"{key(scope)}/providers/microsoft.resources/deployments/")

    def run(self, deployment_id: str) -> Json | None:
        return self._store.get(_RUN, key(deployment_id))

    def begin(self, document: Mapping[str, Any], run: Mapping[str, Any]) -> None:
        """Put a deployment in the place of an earlier one of the same name."""
        self.forget(document["id"])
        self.keep(document)
        self._store.put(_RUN, key(document["id"]), run)

    def steps(self, deployment_id: str) -> dict[str, Json]:
        """The steps that were begun, by their name."""
        prefix = f"{key(deployment_id)}\n"
        return {name.removeprefix(prefix): step for name, step in self._store.list(_STEP, prefix)}

    def keep_step(self, deployment_id: str, name: str, step: Mapping[str, Any]) -> None:
        self._store.put(_STEP, f"{key(deployment_id)}\n{name}", step)

    def forget(self, deployment_id: str) -> None:
        for name in self.steps(deployment_id):
            self._store.delete(_STEP, f"{key(deployment_id)}\n{name}")
        self._store.delete(_RUN, key(deployment_id))
        self._store.delete(_SHOWN, key(deployment_id))
