"""Who logs in to the proxy is the user of what follows: htpasswd with bcrypt, through CONNECT and without."""

import base64
import io

import pytest

from sensor.cli import main
from sensor.model import EventKind

pytestmark = pytest.mark.slow

PASSWORD = "correct horse"


def login(user, password):
    return {"Proxy-Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    """A password file that ``gnomon proxy --add-user`` has made."""
    file = tmp_path_factory.mktemp("users") / "users.htpasswd"
    with pytest.MonkeyPatch.context() as patch:
        for name, password in (("ada", "old"), ("bob", "other"), ("ada", PASSWORD)):
            patch.setattr("sys.stdin", io.StringIO(password + "\n"))
            assert main(["proxy", "--add-user", name, "--auth", str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def door(make_door, users):
    return make_door(tls=False, auth=f"@{users}")


def test_the_file_holds_one_line_for_each_user_and_no_password(users):
    lines = users.read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["bob", "ada"]
    assert all(":$2b$" in line for line in lines) and PASSWORD not in users.read_text()
    assert users.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("headers", [{}, login("ada", "wrong"), login("eve", PASSWORD), login("ada", "old")])
def test_nobody_gets_through_without_a_login(door, headers):
    before, reached = len(door.kept.events), len(door.standin.arrived)
    with door.connect("ai.example", headers=headers) as client:
        with pytest.raises(OSError, match="407"):
            client.request("GET", "/")
    client = door.clear_text()
    client.request("POST", "http://ai.example/v1/chat/completions", b"{}", headers)
    assert client.getresponse().status == 407
    client.close()
    assert door.kept.events[before:] == [] and len(door.standin.arrived) == reached


def test_the_user_of_a_tunnel_stands_in_the_events_of_its_requests(door):
    """The stand-in behind speaks plain HTTP here: --map HOST=http://…"""
    with door.connect("ai.example", headers=login("ada", PASSWORD)) as client:
        client.request("POST", "/v1/chat/completions", b"{}")
        assert client.getresponse().status == 200
    event = door.kept.wait_for(lambda event: event.app == "acme.ai" and event.kind is EventKind.REQUEST)
    assert (event.user, event.destination) == ("ada", "ai.example:443")
    assert event.attribution[0].source == "proxy_auth"


def test_the_user_of_a_clear_text_request_stands_in_its_event(door):
    client = door.clear_text()
    client.request("POST", "http://ai.example/v1/embeddings", b"{}", login("bob", "other"))
    response = client.getresponse()
    assert response.status == 200
    response.read()
    client.close()
    event = door.kept.wait_for(lambda event: event.user == "bob" and event.kind is EventKind.REQUEST)
    assert event.destination == "ai.example:80"


def test_a_login_is_not_sent_on(door, monkeypatch):
    seen = door.watch(monkeypatch)
    client = door.clear_text()
    client.request("GET", "http://ai.example/", headers=login("bob", "other"))
    client.getresponse().read()
    client.close()
    assert seen and "other" not in repr(seen) and "proxy-authorization" not in repr(seen)
