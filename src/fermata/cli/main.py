"""The command's entry: reads the command line, runs it, and turns errors into exit codes.

Exit codes: 0 done; 1 it ran, and nothing could be analysed; 2 wrong use or configuration, one
line on stderr and no traceback; 130, 143, 129 or 141 ended before its time by Ctrl-C, SIGTERM, a
closed terminal or an output that nobody reads any more.
"""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import cyclopts

import fermata
from config.ending import Ending
from config.foreign import EXIT_USAGE, explain_foreign
from fermata.assemblyai.errors import AccountError
from fermata.cli.output import outliving_readers
from fermata.errors import FermataError, UsageError
from fermata.private_files import keep_new_files_private
from fermata.quoting import visible

EXIT_FAILED = 1

_ALLOCATIONS_BEFORE_COLLECTING = 100_000


def _told_default(value: object) -> str | None:
    """A default as `--help` shows it; that nothing is set need not be said."""
    return str(value) if value else None


app = cyclopts.App(
    name="fermata",
    help="Learns turn-detection settings from your recordings and streams with them.",
    version=fermata.__version__,
    default_parameter=cyclopts.Parameter(show_default=_told_default),
)

# Named, not imported: a command takes up to three seconds to import, and a run needs one.
COMMANDS = {
    "calibrate": "Measure the gaps in recordings and choose turn-detection settings.",
    "stream": "Stream a microphone or a recording with the settings learned from recordings.",
    "reprocess": "Compute tables and settings again from archived transcripts.",
    "measure-punctuation": "Measure how often the streaming model misjudges a sentence's end.",
    "tidy": "Delete what need not be kept any longer, and merge small table files.",
    "report": "Tell where a run's report is, the newest one's unless named, and open it.",
    "forget": "Remove one call everywhere: here, in Prefect, and at the service.",
    "export": "Hand the newest settings over to another stack, in its names and units.",
    "history": "List the settings that were published, and which of them are in force.",
    "publish": "Put the settings that a run has chosen in force.",
    "rollback": "Put earlier settings in force again.",
    "migrate": "Turn a Gladia live configuration into AssemblyAI's, with each field's fate.",
    "doctor": "Check the settings, keys, services, storage and sound, and say what to do.",
    "ui": "Tell where Prefect's UI is and what it asks for as a login, and open it.",
    "local-server": "Serve the local speech service until Ctrl-C.",
}
"""The module and function of each command is its name; the text is its line in `--help`."""

_INTERRUPTED = {
    "calibrate": "interrupted; the next run goes on from here",
    "reprocess": "interrupted; the next run begins anew",
    "stream": "interrupted; what was kept by then stays",
    "forget": "interrupted; `fermata tidy` goes on from here",
    "measure-punctuation": "interrupted; nothing is kept of this measurement",
}
"""What a person is told of a command that ended before its time and had nothing to show."""

for _name, _help in COMMANDS.items():
    _function = _name.replace("-", "_")
    app.command(f"fermata.cli.{_function}:{_function}", name=_name, help=_help)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its code."""
    # What imports bring in stays: looking through it for garbage takes a sixth of their time.
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTING)
    keep_new_files_private()
    ending = Ending()
    code = run(sys.argv[1:] if arguments is None else arguments, ending)
    if ending.is_untold:
        _leave_at_once(code)
    sys.exit(code)


def run(arguments: Sequence[str], ending: Ending | None = None) -> int:
    """Runs the command line and returns its exit code.

    Args:
        arguments: of the command line.
        ending: learns how it came to its end.
    """
    with ending or Ending() as noticing:
        with outliving_readers(noticing.because_unread) as outputs:
            code = _run(arguments, noticing)
        if outputs.failure:
            return _tell_unwritable(outputs.failure)
        # One that nobody reads ends quietly.
        return code or (noticing.exit_code if noticing.is_asked_for else code)


def _leave_at_once(code: int) -> None:
    """Ends the process without Prefect's last words, which would take minutes to be given up.

    All that is ours is written by now.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(arguments: Sequence[str], ending: Ending) -> int:
    named = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    try:
        if named and not {"--help", "-h"}.isdisjoint(arguments):
            # The line in COMMANDS is for the list; by itself a command has more to say.
            app[named].help = None
        command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
        return int(command(*bound.args, **bound.kwargs) or 0)
    except cyclopts.CycloptsError as error:
        help_command = " ".join(filter(None, ("fermata", named, "--help")))
        return _explain(f"{_one_line(error)} See `{help_command}`.", EXIT_USAGE)
    except (UsageError, AccountError) as error:
        return _explain(_one_line(error), EXIT_USAGE)
    except FermataError as error:
        return _explain(_one_line(error), EXIT_FAILED)
    except BaseException as error:
        # An import that is interrupted may end in any error.
        if ending.is_asked_for:
            return _explain(_INTERRUPTED.get(named, "interrupted"), ending.exit_code)
        if isinstance(error, Exception):
            return _explain(explain_foreign(error), EXIT_USAGE)
        raise


def _tell_unwritable(error: OSError) -> int:
    with suppress(OSError):
        _explain(
            f"the output can't be written ({error.strerror}): make room, or send it elsewhere",
            EXIT_USAGE,
        )
        sys.stderr.flush()
    return EXIT_USAGE


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _explain(text: str, code: int) -> int:
    sys.stderr.write(f"fermata: {visible(text)}\n")
    return code
