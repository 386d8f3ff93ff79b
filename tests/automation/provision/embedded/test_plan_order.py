"""The order of the state file and of deletes."""

from automation.provision.embedded.plan import in_order, must_go_before
from automation.provision.embedded.state import Resource

URN = "urn:pulumi:dev::lab::a:b:C::"


def a_resource(name: str, *needs: str, delete: bool = False) -> Resource:
    dependencies = tuple(f"{URN}{need}" for need in needs)
    return Resource(urn=f"{URN}{name}", type="a:b:C", custom=True, id=name, dependencies=dependencies, delete=delete)


def test_what_is_needed_comes_first_and_otherwise_names_decide() -> None:
    resources = [a_resource("c"), a_resource("b"), a_resource("a", "z"), a_resource("z", "y"), a_resource("y")]
    assert [item.id for item in in_order(resources)] == ["y", "z", "a", "b", "c"]
    assert in_order(reversed(resources)) == in_order(resources)


def test_what_waits_for_its_delete_comes_after_everything_that_lives() -> None:
    old, new = a_resource("a", delete=True), a_resource("a", "b")
    assert in_order([old, new, a_resource("b")]) == [a_resource("b"), new, old]


def test_a_missing_need_and_a_circle_do_not_stop_the_order() -> None:
    resources = [a_resource("a", "b", "gone"), a_resource("b", "a")]
    assert [item.id for item in in_order(resources)] == ["b", "a"]


def test_what_needs_others_is_deleted_before_them() -> None:
    victims = [a_resource("group"), a_resource("account", "group"), a_resource("box", "account", "group")]
    assert must_go_before(victims) == [{1, 2}, {2}, set()]
