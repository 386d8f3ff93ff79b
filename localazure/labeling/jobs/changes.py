"""What PUT may change on a labeling project that exists.

Owns: the mutability rules of the API description. Pure. Leaves: storing to `projects.py`.

The description contradicts itself on mlAssistConfiguration and incrementalDataRefresh (the object cannot change, its
members can): the members win here.
"""

from collections.abc import Mapping

from localazure.labeling.errors import user_error, wrong_state
from localazure.labeling.types import LabelClass, ProjectSpec

__all__ = ["check_change"]


def check_change(old: ProjectSpec, new: ProjectSpec, *, paused: bool) -> None:
    """AzureError 400 for what can never change, 409 for what can change only while paused."""
    if old.data_id.lower() != new.data_id.lower():
        raise _fixed("properties.dataConfiguration.dataId")
    if old.annotation_type is not new.annotation_type:
        raise _fixed("properties.labelingJobMediaProperties.annotationType")
    added = set(new.categories) - set(old.categories)
    for key, category in old.categories.items():
        path = f"properties.labelCategories.{key}"
        if key not in new.categories:
            raise user_error(f"{path} cannot be removed.", target=path)
        if category.display_name != new.categories[key].display_name:
            raise _fixed(f"{path}.displayName")
        added |= _check_classes(category.classes, new.categories[key].classes, f"{path}.classes")
    if added and not paused:
        raise wrong_state("Label classes can be added only while the labeling job is paused.")


def _check_classes(old: Mapping[str, LabelClass], new: Mapping[str, LabelClass], path: str) -> set[str]:
    """The keys that are new, at any depth."""
    added = set(new) - set(old)
    for key, label in old.items():
        where = f"{path}.{key}"
        if key not in new:
            raise user_error(f"{where} cannot be removed.", target=where)
        if label.display_name != new[key].display_name:
            raise _fixed(f"{where}.displayName")
        added |= _check_classes(label.subclasses, new[key].subclasses, f"{where}.subclasses")
    return added


def _fixed(path: str) -> Exception:
    return user_error(f"{path} cannot be changed.", target=path)
