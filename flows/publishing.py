"""How every run over recordings ends: its settings put in force, or not, and why."""

from collections.abc import Collection
from dataclasses import replace

from prefect import runtime

from config.choices import Publish
from config.wiring import presets, storage
from fermata.calibration import (
    Change,
    PublishedBy,
    PublishingResult,
    decide_publication,
    present,
    preview,
    recommendation_changes,
    scope_of_run,
    short_id,
)
from fermata.report.result import CalibrationResult
from flows.approval import ask_for_approval
from flows.covering import Covered
from flows.resumed import is_resumed
from tasks.announce import announce
from tasks.publish import publish_settings

_ON_REQUEST = "published on request"
_AS_ALWAYS = "no approval is required"
_NOTHING_TO_ASK = "the settings are the same as before"
_NOBODY_TO_ASK = "nobody can be asked: the run has no deployment of its own"
_NOT_WANTED = "it was not to be"


def publish_run(
    run_id: str, publish: Publish, groups: Collection[str] | None = None
) -> PublishingResult:
    """Puts the settings of a run in force, where that is wanted and may be.

    Args:
        run_id: whose rows in the table `calibrations` it is about.
        publish: whether to, or who decides.
        groups: only these; None for all that the run has.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read or written.
    """
    run = _Run(run_id, groups)
    if publish is Publish.ASK:
        return run.asked()
    if publish is Publish.NO:
        return run.kept("Not published", _NOT_WANTED)
    if publish is Publish.YES:
        return run.published(run.analysed, PublishedBy.APPROVED, _ON_REQUEST)
    return run.decided()


def published(
    result: CalibrationResult,
    covered: Covered,
    publish: Publish,
    groups: Collection[str] | None = None,
) -> CalibrationResult:
    """A run's result with what became of its settings, and what is noted of that.

    Raises:
        FermataError: a file cannot be read or written.
    """
    publishing = publish_run(result.calibration.run_id, publish, groups)
    covered.counts = publishing.is_settled
    return replace(result, publishing=publishing)


def publish_night(run_id: str, *, asks: bool) -> PublishingResult:
    """The same for a night, which is there to bring the settings up to date.

    Raises:
        UsageError: the table has no such run.
        FermataError: a file cannot be read or written.
    """
    run = _Run(run_id, None)
    if asks:
        return run.asked()
    return run.published(run.analysed, PublishedBy.AUTOMATIC, _AS_ALWAYS)


class _Run:
    """A run whose settings are to be dealt with."""

    def __init__(self, run_id: str, groups: Collection[str] | None) -> None:
        self._run_id = run_id
        self._scope = scope_of_run(storage(), run_id)
        self._decision = decide_publication(storage(), run_id, self._scope, groups)

    @property
    def analysed(self) -> Collection[str]:
        """The groups that rest on something."""
        return self._decision.analysed

    def decided(self) -> PublishingResult:
        """Publishes what may be without asking."""
        decision = self._decision
        if not decision.publish:
            return self.kept("Not published", decision.why_not)
        return self.published(decision.publish, PublishedBy.AUTOMATIC, decision.why)

    def asked(self) -> PublishingResult:
        """Has a person decide, where there is anything to decide and anybody to ask."""
        if not self.analysed:
            return self.kept("Not published", self._decision.why_not)
        changes = self._changes(self.analysed)
        if not changes and not is_resumed():
            return self.published(self.analysed, PublishedBy.AUTOMATIC, _NOTHING_TO_ASK)
        if runtime.deployment.id is None or runtime.flow_run.parent_flow_run_id:
            return self.kept("Not approved", _NOBODY_TO_ASK)
        answer = ask_for_approval(self._run_id, self._scope, changes)
        if not answer.groups:
            return self._result(answer.name, answer.why, (), ())
        chosen = [group for group in answer.groups if group in self.analysed]
        return self.published(chosen, PublishedBy.APPROVED, answer.why)

    def published(self, groups: Collection[str], by: PublishedBy, reason: str) -> PublishingResult:
        """Publishes some groups, and tells what changed."""
        if not groups:
            return self.kept("Not published", self._decision.why_not)
        withheld = [group for group in self.analysed if group not in groups]
        scope, changes = publish_settings(self._run_id, by, reason, self._scope, list(groups))
        announce(changes, scope)
        return self._result("Published", reason, changes, self._changes(withheld))

    def kept(self, name: str, why: str) -> PublishingResult:
        """Leaves in force what is."""
        return self._result(name, why, (), self._changes(self.analysed))

    def _changes(self, groups: Collection[str]) -> tuple[Change, ...]:
        """What publishing these groups would change now."""
        if not groups:
            return ()
        then = preview(storage(), presets(), self._run_id, self._scope, groups)
        now = present(storage(), presets(), self._scope)
        return recommendation_changes(now, then) if then else ()

    def _result(
        self,
        name: str,
        why: str,
        changes: tuple[Change, ...],
        withheld: tuple[Change, ...],
    ) -> PublishingResult:
        return PublishingResult(
            name=name,
            scope=self._scope.shown,
            latest=storage().uri(self._scope.latest_path),
            changes=changes,
            withheld=withheld,
            why=why,
            command=f"fermata publish {short_id(self._run_id)}" if withheld else None,
        )
