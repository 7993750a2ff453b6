"""The result of a calibration run: what `--json` prints and what the other reports show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fermata.calibration import Calibration, PublishingResult, calibrations_frame
from fermata.tables import RecordingStatus
from fermata.turntaking import GapStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingResult:
    """What became of one file of the run.

    Attributes:
        name: path below the source it was found under.
        group: first sub-folder below the source.
        status: what became of it.
        reason: one line saying why it was not analysed, None if it was.
        transcript_id: the service's id, None where nothing was submitted.
        recording_id: SHA-256 of the content; None where the content could not be read.
        duplicate_of: name of the file with the same content that stands for both.
        total_utterances: in its transcript, 0 without one.
        statistics: of its positive gaps, None unless analysed.
    """

    name: str
    group: str
    status: RecordingStatus
    reason: str | None
    transcript_id: str | None
    recording_id: str | None
    duplicate_of: str | None = None
    total_utterances: int = 0
    statistics: GapStatistics | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that a machine reads, gap figures under the table's names."""
        row = asdict(self)
        figures = row.pop("statistics") or {"total_gaps": 0}
        return {**row, **figures}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationResult:
    """A calibration run, ended.

    Attributes:
        calibration: figures and choice, overall and by group.
        recordings: every file of the run, by name.
        engine: what transcribed the recordings, `assemblyai` or `local`.
        written: what was written where: a label and an address each.
        notes: what a reader of the figures must know, one line each.
        passed_over: how many other files the sources hold, by extension.
        publishing: whether the settings are in force; None before that is decided.
    """

    calibration: Calibration
    recordings: tuple[RecordingResult, ...]
    engine: str
    written: Mapping[str, str]
    notes: tuple[str, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    publishing: PublishingResult | None = None

    @property
    def originals(self) -> tuple[RecordingResult, ...]:
        """Every content once: the files without those that repeat another."""
        return tuple(each for each in self.recordings if each.duplicate_of is None)

    @property
    def failed_share(self) -> float:
        """How many of the recordings failed, 0 to 1."""
        statuses = self._statuses()
        return statuses[RecordingStatus.FAILED] / max(1, statuses.total())

    @property
    def summary(self) -> str:
        """One line: `47 of 50 analysed, 3 failed`."""
        statuses = self._statuses()
        without_gaps = (
            statuses[RecordingStatus.NO_GAPS] + statuses[RecordingStatus.TOO_FEW_UTTERANCES]
        )
        duplicates = len(self.recordings) - statuses.total()
        parts = [f"{statuses[RecordingStatus.ANALYSED]} of {statuses.total()} analysed"]
        for count, what in (
            (statuses[RecordingStatus.FAILED], "failed"),
            (statuses[RecordingStatus.IN_DOUBT], "in doubt"),
            (without_gaps, "without gaps"),
            (duplicates, "repeated under another name"),
        ):
            if count:
                parts.append(f"{count} {what}")
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """The object that `fermata calibrate --json` prints, before serialisation."""
        overall, *groups = calibrations_frame(self.calibration).to_pylist()
        return {
            "run_id": self.calibration.run_id,
            "engine": self.engine,
            "summary": self.summary,
            "overall": overall,
            "groups": groups,
            "recordings": [each.as_json() for each in self.recordings],
            "passed_over": dict(self.passed_over),
            "notes": list(self.notes),
            "written": dict(self.written),
            "publishing": self.publishing.as_json() if self.publishing else None,
        }

    def _statuses(self) -> Counter[RecordingStatus]:
        return Counter(each.status for each in self.originals)
