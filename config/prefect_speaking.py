"""Which runs in Prefect speak of a call: in their names, parameters, tasks, logs or artifacts."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from fermata.forgetting.speaking import Speaks, spellings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import Artifact

T = TypeVar("T")

_PAGE = 200
_LONGEST_QUERY = 190
"""Prefect takes 200 characters, quotation marks included."""


def runs_speaking(client: "SyncPrefectClient", traces: Sequence[str], speaks: Speaks) -> set[UUID]:
    """The flow runs that speak of a call anywhere.

    Args:
        client: of the server.
        traces: the call's names, addresses and ids.
        speaks: tells whether a text has one of them.
    """
    found = set(_by_themselves(client, speaks))
    written = [spelling for trace in traces for spelling in spellings(trace)]
    found.update(run for text in written for run in _by_tasks(client, text, speaks))
    found.update(run for text in written for run in _by_logs(client, text, speaks))
    found.update(
        each.flow_run_id for each in artifacts_speaking(client, speaks) if each.flow_run_id
    )
    return found


def artifacts_speaking(client: "SyncPrefectClient", speaks: Speaks) -> "list[Artifact]":
    """The artifacts that speak of a call."""
    pages = _pages(lambda at: client.read_artifacts(limit=_PAGE, offset=at))
    return [each for each in pages if speaks(_text(each.key, each.description, each.data))]


def _by_themselves(client: "SyncPrefectClient", speaks: Speaks) -> Iterator[UUID]:
    for run in _pages(lambda at: client.read_flow_runs(limit=_PAGE, offset=at)):
        message = run.state.message if run.state else None
        if speaks(_text(run.name, run.parameters, message)):
            yield run.id


def _by_tasks(client: "SyncPrefectClient", trace: str, speaks: Speaks) -> Iterator[UUID]:
    from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterName  # noqa: PLC0415

    wanted = TaskRunFilter(name=TaskRunFilterName(like_=trace))

    def page(at: int) -> Sequence[Any]:
        return client.read_task_runs(task_run_filter=wanted, limit=_PAGE, offset=at)

    yield from (run.flow_run_id for run in _pages(page) if speaks(run.name))


def _by_logs(client: "SyncPrefectClient", trace: str, speaks: Speaks) -> Iterator[UUID]:
    from prefect.client.schemas.filters import LogFilter, LogFilterTextSearch  # noqa: PLC0415

    # In quotation marks it is one phrase, so it can hold none itself.
    phrase = max(trace.split('"'), key=len)[-_LONGEST_QUERY:]
    wanted = LogFilter(text=LogFilterTextSearch(query=f'"{phrase}"'))

    def page(at: int) -> Sequence[Any]:
        return client.read_logs(wanted, limit=_PAGE, offset=at)

    for line in _pages(page):
        if line.flow_run_id and speaks(line.message):
            yield line.flow_run_id


def _pages(read: Callable[[int], Sequence[T]]) -> Iterator[T]:
    at = 0
    while page := read(at):
        yield from page
        at += len(page)


def _text(*parts: object) -> str:
    return "\n".join(
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False, default=str)
        for each in parts
    )
