"""`python -m docs.screenshots [FOLDER]`: takes the pictures anew, by default into this folder."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from docs.screenshots.browser import Page, browser
from docs.screenshots.stage import Stage, stage

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_EXIT_WRONG_USE = 2
# As wide as a plot, which leaves the right half of a wide page empty.
_PLOT_WIDTH_PX = 740


def main(arguments: Sequence[str]) -> int:
    """Takes the pictures and says where they are.

    Args:
        arguments: the folder for them, if another one than this.
    """
    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if chromium is None:
        sys.stderr.write("no Chromium found: install it (apt install chromium) and try again\n")
        return _EXIT_WRONG_USE
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
        stage(Path(place)) as shown,
        browser(chromium) as page,
    ):
        _take(page, shown, folder)
    return 0


def _take(page: Page, shown: Stage, folder: Path) -> None:
    """Each page as a person comes by it: the choice, the form, the run, what it found."""
    run_id = shown.run("nightly")
    page.open(shown.ui_url, "Login")
    page.type(shown.login)
    page.click("Login")
    page.wait_for("Dashboard")
    page.open(f"{shown.ui_url}/deployments", "nightly", height_px=740)
    _keep(page, folder / "deployments.png")
    for name in ("calibrate", "nightly", "reprocess", "stream"):
        form = f"{shown.ui_url}/deployments/deployment/{shown.deployment_id(name)}/run"
        page.open(form, "Submit", height_px=1_560)
        _keep(page, folder / f"form-{name}.png")
    page.open(f"{shown.ui_url}/runs/flow-run/{run_id}", "Task Runs", height_px=1_120)
    page.click("Artifacts")
    page.wait_for("calibration-summary")
    _keep(page, folder / "run.png")
    summary = shown.artifact_id(run_id, "calibration-summary")
    address = f"{shown.ui_url}/artifacts/artifact/{summary}"
    page.open(address, "calibration-summary", height_px=1_240)
    _keep(page, folder / "summary.png")
    report = max((shown.data / "reports").glob("*.html"))
    page.open(report.as_uri(), "Are the recordings fit for it?", height_px=1_320)
    _keep(page, folder / "report.png")
    page.open(report.as_uri(), "Cut-ins against waiting", height_px=580, width_px=_PLOT_WIDTH_PX)
    page.scroll_to("Cut-ins against waiting")
    _keep(page, folder / "report-curve.png")


def _keep(page: Page, path: Path) -> None:
    path.write_bytes(page.picture())
    sys.stdout.write(f"{path} ({path.stat().st_size / 1_000:,.0f} kB)\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
