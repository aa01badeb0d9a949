import pytest

from kernel.model.errors import DomainError
from kernel.model.lifecycle import Lifecycle, Requires, move


def a_lifecycle(*extra, final=("gone",), ignores=()):
    rows = (
        move("arrive", (), "here"),
        move("leave", ("here",), "gone", Requires("ticket", "valid", "no_ticket")),
        *extra,
    )
    return Lifecycle("traveller", "here", frozenset(final), rows, frozenset(ignores))


def test_a_row_takes_its_states_to_its_target():
    assert a_lifecycle().next_state("here", "leave", {"ticket": "valid"}) == "gone"


def test_an_action_outside_its_states_is_refused():
    with pytest.raises(DomainError, match="transition_refused"):
        a_lifecycle().next_state("gone", "leave", {"ticket": "valid"})


def test_a_condition_not_met_is_refused_with_its_own_code():
    with pytest.raises(DomainError, match="no_ticket"):
        a_lifecycle().next_state("here", "leave")


def test_an_ignored_repeat_changes_nothing():
    lifecycle = a_lifecycle(ignores={("gone", "leave")})

    assert lifecycle.next_state("gone", "leave") == "gone"


@pytest.mark.parametrize(
    ("extra", "options", "complaint"),
    [
        ((move("leave", ("gone",), "here"),), {}, "two rows"),
        ((move("come", (), "here"),), {}, "without sources"),
        ((move("return", ("gone",), "here"),), {}, "with an exit"),
        ((move("wait", ("here",), "stuck"),), {}, "without an exit"),
        ((move("wake", ("lost",), "here"),), {}, "unreachable"),
        ((), {"ignores": {("here", "leave")}}, "ignored"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_at_import(extra, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        a_lifecycle(*extra, **options)


def test_the_buttons_of_a_state_are_the_rows_that_leave_it():
    assert a_lifecycle().actions_from("here") == ("leave",)
    assert a_lifecycle().actions_from("gone") == ()


def test_the_diagram_is_the_table():
    assert a_lifecycle().mermaid({"here": "在"}) == (
        "stateDiagram-v2\n    gone: gone\n    here: 在\n    [*] --> here: arrive\n"
        "    here --> gone: leave\n    gone --> [*]\n"
    )
