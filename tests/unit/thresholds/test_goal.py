"""A goal is read from what people write, and written so that it can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.thresholds import Budget, Goal, Measure, Objective, parse_goal
from fermata.thresholds import goal as goal_module

shares = st.integers(min_value=0, max_value=1_000).map(lambda permille: permille / 1_000)
times_ms = st.integers(min_value=1, max_value=100_000).map(float) | st.just(1_234.5)
budgets = st.builds(Budget, st.sampled_from([m for m in Measure if m.is_share]), shares) | (
    st.builds(Budget, st.sampled_from([m for m in Measure if not m.is_share]), times_ms)
)
names = st.sampled_from(["aggressive", "balanced", "present", "vendor default"])
goals = st.builds(
    Goal,
    st.none() | times_ms,
    st.lists(budgets, max_size=3).map(tuple),
    st.lists(names, max_size=2).map(tuple),
).filter(lambda goal: goal != Goal())


@given(goals)
def test_a_written_goal_reads_as_itself(goal):
    assert parse_goal(str(goal)) == goal


@given(goals)
def test_and_joins_like_a_comma_and_capitals_do_not_matter(goal):
    text = str(goal).replace(", ", " and ").upper()
    assert parse_goal(text) == goal


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("", Goal()),
        ("one cut-in = 5 s", Goal(5_000.0)),
        ("one cut-in = 5000ms", Goal(5_000.0)),
        ("mid-sentence <= 2,5 %", Goal(None, (Budget(Measure.MID_SENTENCE, 0.025),))),
        ("after-sentence ≤ 10%", Goal(None, (Budget(Measure.AFTER_SENTENCE, 0.1),))),
        ("P90 wait <= 1,2 s", Goal(None, (Budget(Measure.P90_WAIT, 1_200.0),))),
        ("no slower than  Vendor  Default", Goal(None, (), ("vendor default",))),
        (
            "cut-ins <= 20 %,mean wait <= 0.8 s",
            Goal(None, (Budget(Measure.CUT_INS, 0.2), Budget(Measure.MEAN_WAIT, 800.0))),
        ),
    ],
)
def test_the_forms_are_read(text, goal):
    assert parse_goal(text) == goal


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("be nice", "'be nice' is no goal: write `one cut-in"),
        ("mid-sentence <= 5", "is no goal"),
        ("mid-sentence <= 5 %,", "is no goal"),
        ("cut-ins <= 120 %", "above 100 %"),
        ("one cut-in = 0 s", "no time at all"),
        ("one cut-in = 5 s, one cut-in = 6 s", "two exchange rates"),
    ],
)
def test_anything_else_is_refused_with_the_forms_or_the_reason(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        parse_goal(text)


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ("", Objective.COST),
        ("one cut-in = 3 s, cut-ins <= 20 %", Objective.COST),
        ("cut-ins <= 20 %, mean wait <= 1 s", Objective.COST),
        ("cut-ins <= 20 %", Objective.MEAN_WAIT),
        ("mid-sentence <= 5 %, after-sentence <= 10 %", Objective.MEAN_WAIT),
        ("mean wait <= 1 s", Objective.CUT_INS),
        ("no slower than balanced", Objective.CUT_INS),
        ("mid-sentence <= 5 %", Objective.COST),
        ("P90 wait <= 1 s", Objective.COST),
    ],
)
def test_what_is_made_small_follows_from_what_is_stated(text, objective):
    assert parse_goal(text).objective is objective


def test_the_default_goal_states_its_exchange_rate():
    assert str(Goal()) == "one cut-in = 5 s"
    assert Goal().exchange_rate_ms == 5_000


def test_a_goal_without_end_is_refused_before_it_is_read() -> None:
    with pytest.raises(UsageError, match="this goal has 20,000 characters"):
        parse_goal(" " * 20_000)


def test_spaces_in_a_row_reach_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    class Noticing:
        def split(self, line: str) -> list[str]:
            read.append(line)
            return [line]

    monkeypatch.setattr(goal_module, "_SEPARATOR", Noticing())
    parse_goal(f"one{' ' * 400}cut-in ={' ' * 400}5 s")
    assert read == ["one cut-in = 5 s"]
