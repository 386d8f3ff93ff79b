"""Polling: the state of a long-running operation, in the three shapes that ARM has for it.

Owns: these answers. Leaves: the operations to `localazure.operations`.
"""

from typing import Any

from localazure.arm.answers import Answer, ArmRequest, polling
from localazure.clock import arm_time
from localazure.errors import AzureError
from localazure.operations import Operation, Operations

__all__ = ["Polls"]


class Polls:
    """Answers GET on operationStatuses, operationResults and a group's operationresults."""

    def __init__(self, origin: str, operations: Operations) -> None:
        self._origin = origin
        self._operations = operations

    def status(self, request: ArmRequest, operation_id: str) -> Answer:
        operation = self._operations.get(operation_id)
        body: dict[str, Any] = {
            "id": request.target.id,
            "name": operation.id,
            "status": operation.status,
            "startTime": arm_time(operation.started),
            "percentComplete": 50.0 if operation.ended is None else 100.0,
        }
        if operation.ended is not None:
            body["endTime"] = arm_time(operation.ended)
        if operation.error is not None:
            body["error"] = operation.error
        return Answer(body=body, headers={} if operation.ended else {"Retry-After": "1", "x-ms-retry-after-ms": "150"})

    def result(self, request: ArmRequest, operation_id: str) -> Answer:
        operation = self._operations.get(operation_id)
        if operation.ended is None:
            target = request.target
            location = target.id.split("/locations/", 1)[1].split("/", 1)[0]
            headers = polling(
                self._origin,
                target.subscription or "",
                target.namespace or "",
                location,
                operation.id,
                status=False,
                result=True,
            )
            return Answer(status=202, headers=headers)
        _raise_failed(operation)
        return Answer(status=204) if operation.result is None else Answer(body=operation.result)

    def group_result(self, request: ArmRequest, operation_id: str) -> Answer:
        operation = self._operations.get(operation_id)
        if operation.ended is None:
            location = f"{self._origin}{request.target.id}?api-version={request.api_version}"
            return Answer(status=202, headers={"Location": location, "Retry-After": "1", "x-ms-retry-after-ms": "150"})
        _raise_failed(operation)
        return Answer(status=200)


def _raise_failed(operation: Operation) -> None:
    if operation.error is not None:
        raise AzureError(409, str(operation.error["code"]), str(operation.error["message"]))
