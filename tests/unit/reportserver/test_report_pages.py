"""Reports over loopback: to a person who logged in, by their names, and nothing else to nobody."""

import base64
import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fermata.reportserver import HEADERS, ReportPages, ReportServer
from fermata.storage import Storage

LOGIN = "fermata:a password: with colons and ü"
NAME = "20261128T162707Z-4402ecfa-124a-4558-ad60-8504a7f69a57.html"
LINK = NAME.replace("4402", "beef")
GONE = NAME.replace("4402", "0000")
SECRET = "what stands elsewhere in the data folder"


def basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Sends what it is told to, unlike a client that tidies paths and headers first."""

    def __init__(self, url: str) -> None:
        self.host = url.removeprefix("http://")

    def ask(self, path: str, method: str = "GET", **headers: str | None) -> Answer:
        """Asks as a person who logged in, unless told otherwise."""
        given = {"Host": self.host, "Authorization": basic(LOGIN), **headers}
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            if value is not None:
                connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        found = connection.getresponse()
        answer = Answer(found.status, dict(found.headers), found.read().decode())
        connection.close()
        return answer


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    folder = tmp_path_factory.mktemp("place")
    found = Storage(str(folder / "data"))
    found.write_atomically(f"reports/{NAME}", b"<p>what a caller said</p>")
    found.write_atomically("reports/notes.html", SECRET.encode())
    found.write_atomically("reports/deeper/" + NAME, SECRET.encode())
    found.write_atomically("calibrations/latest.json", SECRET.encode())
    (folder / "outside.html").write_text(SECRET)
    (Path(found.path("reports")) / LINK).symlink_to(folder / "outside.html")
    return found


@pytest.fixture(scope="module")
def browser(storage: Storage) -> Iterator[Browser]:
    with ReportServer(storage, LOGIN, 0) as server:
        yield Browser(server.url)


def test_a_report_is_answered_by_its_name(browser: Browser) -> None:
    answer = browser.ask(f"/reports/{NAME}")
    assert (answer.status, answer.text) == (200, "<p>what a caller said</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "login", "status"),
    [
        (f"/reports/{NAME}", LOGIN, 200),
        (f"/reports/{NAME}", "", 401),
        ("/reports/../calibrations/latest.json", LOGIN, 404),
    ],
)
def test_every_answer_forbids_keeping_framing_guessing_and_loading(
    browser: Browser, path: str, login: str, status: int
) -> None:
    answer = browser.ask(path, Authorization=basic(login))
    assert answer.status == status
    assert {
        name.lower(): value for name, value in HEADERS.items()
    }.items() <= answer.headers.items()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "Basic", "Basic !!", "Basic ====", "Bearer x", "Basic \xff"),
        *(basic(""), basic("fermata:"), basic("fermata:wrong"), basic(f"{LOGIN} ")),
        basic(LOGIN).replace("Basic", "Bearer"),
    ],
)
def test_without_the_login_there_is_nothing_not_even_whether_a_report_exists(
    browser: Browser, authorization: str | None
) -> None:
    answers = [
        browser.ask(path, Authorization=authorization)
        for path in (f"/reports/{NAME}", f"/reports/{GONE}", "/")
    ]
    assert {(each.status, each.text) for each in answers} == {(401, answers[0].text)}
    assert answers[0].headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/reports", "/reports/", "/reports/notes.html", "/calibrations/latest.json"),
        *(f"/reports/deeper/{NAME}", f"/reports//{NAME}", f"//reports/{NAME}", f"/{NAME}"),
        *("/reports/../calibrations/latest.json", "/reports/%2e%2e/calibrations/latest.json"),
        *("/reports/..%2f..%2foutside.html", "/reports/%2fetc%2fpasswd", "/reports/%00"),
        *(
            f"/reports/{NAME}%00.html",
            f"/reports/{NAME}/",
            f"/reports/.{NAME}",
            f"/reports/{NAME}%0a",
        ),
        *(f"/reports/{LINK}", f"/reports/x.html?name={NAME}", f"/reports\\..\\{NAME}"),
    ],
)
def test_nothing_but_reports_is_served(browser: Browser, path: str) -> None:
    answer = browser.ask(path)
    assert (answer.status, answer.text) == (404, "there is no such report\n")


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:4201", "127.0.0.1", "127.0.0.1:4200", ""]
)
def test_a_name_that_others_may_give_this_machine_is_not_answered(
    browser: Browser, host: str
) -> None:
    assert browser.ask(f"/reports/{NAME}", Host=host).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "https://attacker.example"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "empty"},
    ],
)
def test_other_pages_get_nothing_though_the_browser_knows_the_login(
    browser: Browser, headers: dict[str, str]
) -> None:
    assert browser.ask(f"/reports/{NAME}", **headers).status == 403


@pytest.mark.parametrize("site", ["same-site", "cross-site", "same-origin", "none"])
def test_a_link_that_a_person_follows_is_answered(browser: Browser, site: str) -> None:
    followed = browser.ask(f"/reports/{NAME}", Sec_Fetch_Site=site, Sec_Fetch_Dest="document")
    assert followed.status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_reports_can_be_read_and_not_be_changed(browser: Browser, method: str) -> None:
    assert browser.ask(f"/reports/{NAME}", method).status == 405


def test_a_report_that_was_deleted_says_so(browser: Browser) -> None:
    answer = browser.ask(f"/reports/{GONE}")
    assert (answer.status, answer.text) == (404, "this report is not kept any more\n")


def test_a_data_folder_anywhere_is_served_from() -> None:
    storage = Storage("memory://reports-of-a-bucket")
    storage.write_atomically(f"reports/{NAME}", b"far away")
    with ReportServer(storage, LOGIN, 0) as server:
        assert Browser(server.url).ask(f"/reports/{NAME}").text == "far away"


def test_the_login_is_not_shown_by_what_holds_it(storage: Storage) -> None:
    assert LOGIN not in repr(ReportPages(storage, LOGIN, ()))


def test_another_port_is_taken_where_the_usual_one_is_taken(
    storage: Storage, browser: Browser
) -> None:
    with ReportServer(storage, LOGIN, int(browser.host.rpartition(":")[2])) as other:
        assert Browser(other.url).host != browser.host
        assert Browser(other.url).ask(f"/reports/{NAME}").status == 200
    with pytest.raises(ConnectionError):
        Browser(other.url).ask("/")
