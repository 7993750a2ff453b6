"""Pictures of the Prefect UI and of a report, taken anew by `python -m docs.screenshots`.

It brings up a Prefect server and the deployments in a temporary folder, calibrates on planned
talks, starts a nightly run as the UI does, and looks at the pages in headless Chromium.
"""
