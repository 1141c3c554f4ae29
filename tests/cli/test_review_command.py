"""``gnomon review`` as a person runs it."""

import json

import pytest

from sensor.cli import main, review
from sensor.config import open_home
from sensor.model import Status
from sensor.recorder import open_recorder
from sensor.store import Store
from tests.store.logs import event


@pytest.fixture
def home(tmp_path):
    return open_home(str(tmp_path / "home"))


@pytest.fixture
def gnomon(home, capsys, monkeypatch):
    """``gnomon(word, …)`` gives exit code, stdout and stderr of ``gnomon review``."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(review.getpass, "getuser", lambda: "ana")

    def run(*words):
        capsys.readouterr()
        code = main(["review", *words, "--home", str(home.path)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


DECISION = ("openai.chatgpt", "--status", "sanctioned", "--owner", "it", "--reason", "DPA signed",
            "--until", "2999-06-30")  # fmt: skip


def test_a_decision_is_recorded(gnomon, home):
    """It is printed, in the audit log, and in force."""
    code, out, err = gnomon(*DECISION)
    assert (code, out) == (
        0, "openai.chatgpt is sanctioned, until 2999-06-30, owner it, reason: DPA signed, by ana\n"
    )  # fmt: skip
    assert "audit log" in err
    with Store(home.database) as store:
        assert store.statuses() == {"openai.chatgpt": Status.SANCTIONED}
        assert store.size == 1
    assert main(["audit", "verify", "--home", str(home.path)]) == 0


def test_a_decision_as_json(gnomon):
    """One object with what was decided."""
    said = json.loads(gnomon(*DECISION, "--json")[1])
    assert said.pop("ts") > 0
    assert said == {
        "app": "openai.chatgpt", "status": "sanctioned", "decided": "sanctioned", "expired": False,
        "owner": "it", "reason": "DPA signed", "until": "2999-06-30", "by": "ana",
    }  # fmt: skip


def test_a_running_recorder_takes_it(gnomon, home):
    """While another process records, the review goes to it and is in force there at once."""
    told = []
    with open_recorder(home, role="proxy") as recorder:
        recorder.on_statuses(told.append)
        assert gnomon(*DECISION)[0] == 0
        assert told == [{"openai.chatgpt": Status.SANCTIONED}]


@pytest.mark.parametrize("spelled", ["under review", "under-review", "UNDER_REVIEW", "  Under  Review "])
def test_a_status_in_any_spelling(gnomon, home, spelled):
    """Case, hyphens and underscores do not matter."""
    assert gnomon("openai.chatgpt", "--status", spelled)[0] == 0
    with Store(home.database) as store:
        assert store.statuses() == {"openai.chatgpt": Status.UNDER_REVIEW}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("openai.chatgpt", "--status", "sanctiond"), 'Did you mean "sanctioned"?'),
        (("openai.chatgp", "--status", "sanctioned"), 'Did you mean "openai.chatgpt"?'),
        (("zzzzqqqq", "--status", "sanctioned"), "gnomon catalogue list"),
        (("openai.chatgpt", "--status", "sanctioned", "--until", "soon"), "expected a date"),
        (("openai.chatgpt", "--status", "sanctioned", "--until", "2026-02-30"), "no day"),
        (("openai.chatgpt", "--status", "sanctioned", "--until", "2020-01-01"), "has passed"),
        (("openai.chatgpt", "--status", "sanctioned", "--owner", " "), "--owner says nothing"),
        (("--status", "sanctioned"), "which app"),
        (("openai.chatgpt", "--reason", "x"), "--status is missing"),
        (("openai.chatgp",), 'Did you mean "openai.chatgpt"?'),
    ],
)
def test_wrong_usage(gnomon, home, words, says):
    """Exit 2, with what is wrong and what may have been meant; nothing is recorded."""
    code, out, err = gnomon(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert not home.database.exists()


def test_an_app_in_upper_case_is_found(gnomon):
    """App ids are lower case; a person may write them otherwise."""
    assert "openai.chatgpt is" in gnomon("OpenAI.ChatGPT", "--status", "tolerated")[1]


def test_an_app_that_only_the_inventory_knows(gnomon, home):
    """An unknown LLM API is reviewed under the name that the inventory gives it."""
    with open_recorder(home, role=None) as recorder:
        made = event(0, app=None, generic=True, destination="llm.example:443")
        recorder.submit([made]).result(20)
    assert gnomon("unknown.llm_api/llm.example", "--status", "unsanctioned")[0] == 0
    out = gnomon()[1]
    assert out == "unknown.llm_api/llm.example  unsanctioned, by ana\n"


def test_every_app_with_its_status(gnomon, home, monkeypatch):
    """Apps that were seen or reviewed, and what holds for each now."""
    assert gnomon() == (0, "No app was seen or reviewed yet.\n", "")
    with open_recorder(home, role=None) as recorder:
        recorder.submit([event(0), event(1)]).result(20)
    gnomon("deepseek.chat", "--status", "tolerated", "--until", "2999-01-01")
    assert gnomon()[1].splitlines() == [
        "anthropic.claude  unreviewed",
        "deepseek.chat     tolerated, until 2999-01-01, by ana",
        "openai.chatgpt    unreviewed",
    ]
    said = [json.loads(line) for line in gnomon("--json")[1].splitlines()]
    assert [(one["app"], one["status"], one["decided"]) for one in said] == [
        ("anthropic.claude", "unreviewed", None),
        ("deepseek.chat", "tolerated", "tolerated"),
        ("openai.chatgpt", "unreviewed", None),
    ]
    monkeypatch.setattr(review.time, "time", lambda: 4e10)
    assert "deepseek.chat     unreviewed (expired: tolerated, until 2999-01-01, by ana)" in gnomon()[1]


def test_the_history_of_an_app(gnomon, home):
    """Newest first; an app that was never reviewed says so."""
    assert gnomon("openai.chatgpt")[1] == "openai.chatgpt was never reviewed.\n"
    gnomon("openai.chatgpt", "--status", "unsanctioned", "--reason", "no\x1b[31m DPA")
    gnomon(*DECISION)
    lines = gnomon("openai.chatgpt")[1].splitlines()
    assert [line[18:30] for line in lines] == ["sanctioned, ", "unsanctioned"]
    assert "no\\x1b[31m DPA" in lines[1]
    said = [json.loads(line) for line in gnomon("openai.chatgpt", "--json")[1].splitlines()]
    assert [one["status"] for one in said] == ["sanctioned", "unsanctioned"]


def test_who_decides(monkeypatch):
    """The person behind sudo, else the user, else the number."""
    monkeypatch.setenv("SUDO_USER", "bo")
    assert review._who() == "bo"
    monkeypatch.delenv("SUDO_USER")
    monkeypatch.setattr(review.getpass, "getuser", lambda: "ana")
    assert review._who() == "ana"

    def fail():
        raise KeyError("no such user")

    monkeypatch.setattr(review.getpass, "getuser", fail)
    assert review._who().startswith("uid ")
