"""Where a labeling project is: what lab.yaml says, and what options of a command say over it.

Owns: the options `--backend` and `--url`, and the client that they mean. Leaves: the commands to their modules.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from automation.errors import ConfigError, Refused

if TYPE_CHECKING:
    from automation.labeling import LabelingJobs, LabelStudio
    from automation.workflow.lab_types import Lab, LabelingPlan
    from automation.workflow.workbench import Workbench

__all__ = ["own_project", "place_options", "plan_of", "project_argument", "projects_of", "where_of"]

BACKENDS = ("azure-ml", "label-studio")  # a test compares them with those of lab.yaml

F = TypeVar("F", bound=Callable[..., Any])


def place_options(command: F) -> F:
    """`--backend label-studio --url https://...`: another place than lab.yaml's."""
    url = click.option("--url", help="Label Studio's address; the token is LABEL_STUDIO_API_KEY in the environment.")
    backend = click.option(
        "--backend", type=click.Choice(BACKENDS), help="Where the project is, if not as in lab.yaml."
    )
    return backend(url(command))


def project_argument(command: F) -> F:
    """`[PROJECT]`: that of lab.yaml when it is left out."""
    return click.argument("project", required=False)(command)


def where_of(lab: "Lab", backend: str | None, url: str | None) -> "LabelingPlan | None":
    """The labeling plan with the options over it; None where lab.yaml has none. Raises ConfigError."""
    plan = lab.labeling
    if plan is None:
        if backend == "label-studio" or url:
            raise ConfigError(
                f"{lab.path.name} has no `labeling:`", hint="add it: project, task, container and classes"
            )
        return None
    if backend is not None:
        plan = replace(plan, backend=backend)
    elif url is not None:
        plan = replace(plan, backend="label-studio")
    return replace(plan, url=url or plan.url)


def plan_of(lab: "Lab", backend: str | None = None, url: str | None = None) -> "LabelingPlan":
    """As `where_of`, for what needs a plan. Raises ConfigError where lab.yaml has none."""
    plan = where_of(lab, backend, url)
    if plan is None:
        raise ConfigError(f"{lab.path.name} has no `labeling:`", hint="add it, or name a project")
    return plan


def own_project(lab: "Lab", project: str | None) -> str:
    """The project of the ML workspace that a command is about. Raises Refused where lab.yaml's is in Label Studio."""
    if project is not None:
        return project
    plan = plan_of(lab)
    if plan.in_label_studio:
        raise Refused(
            "Label Studio has this on its own pages", hint=f"open {plan.url}, or name a project of the workspace"
        )
    return plan.project


def projects_of(bench: "Workbench", plan: "LabelingPlan | None") -> "LabelingJobs | LabelStudio":
    """The projects of the place that the plan names."""
    return bench.label_studio(plan.url) if plan is not None and plan.in_label_studio else bench.labeling
