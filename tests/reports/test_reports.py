"""Every renderer says the same totals, and hostile names stay text in all of them."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from reports.data import NO_USER, Day, build_report
from reports.html import MAX_ROWS, render_html
from reports.plain import render_csv, render_json, render_markdown, safe_cell
from reports.terminal import render_inventory, render_terminal
from reports.text import clean, format_bytes, format_count, format_time
from sensor.inventory import InventoryRow
from sensor.model import Grade, Status

NOON = 1_795_521_600.0  # 2026-11-24 12:00 UTC

HOSTILE = "<script>alert(1)</script>|`=cmd()\x1b[2J\u202egnp[red]"


def row(app="openai.chatgpt", user=None, device="ip:192.0.2.7", **more):
    fields = dict(
        app=app,
        user=user,
        device=device,
        name={"openai.chatgpt": "ChatGPT", "deepseek.chat": "DeepSeek"}.get(app),
        category="chat_assistant",
        events=2,
        bytes_up=1500,
        bytes_down=40_000,
        first_seen=NOON,
        last_seen=NOON + 60,
        grade=Grade.VOLUME,
        doors=("span",),
    )
    return InventoryRow(**(fields | more))


def report(*rows, **more):
    return build_report(
        rows, **(dict(generated=NOON, origin="gnomon/test", entries=7, root="cm9vdA==") | more)
    )


def test_groups_are_sums_of_rows():
    made = report(
        row(user="ada@example.org"),
        row(
            user="ada@example.org",
            app="deepseek.chat",
            bytes_up=9,
            grade=Grade.PARSED,
            status=Status.UNSANCTIONED,
        ),
        row(device="ip:192.0.2.8", would_block=1, doors=("proxy",)),
    )
    assert [group.key for group in made.by_app] == ["openai.chatgpt", "deepseek.chat"]
    chatgpt = made.by_app[0]
    assert (chatgpt.bytes_up, chatgpt.events, chatgpt.doors) == (3000, 4, ("proxy", "span"))
    assert {group.key: group.apps for group in made.by_user} == {
        "ada@example.org": ("ChatGPT", "DeepSeek"),
        NO_USER: ("ChatGPT",),
    }
    assert {group.key for group in made.by_device} == {"ip:192.0.2.7", "ip:192.0.2.8"}
    assert (made.users, made.devices, made.events, made.would_block) == (1, 2, 6, 1)
    assert [group.key for group in made.attention] == ["deepseek.chat", "openai.chatgpt"]
    assert made.by_user[0].grade is Grade.PARSED


def test_an_unknown_llm_api_is_called_by_its_host():
    made = report(row(app="unknown.llm_api/10.0.0.5", name=None), row(app="gone.app", name=None))
    assert {group.title for group in made.by_app} == {"Unknown LLM API (10.0.0.5)", "gone.app"}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_951, "100 kB"),
        (999_499, "999 kB"),
        (999_999, "1.0 MB"),
        (1_500_000_000, "1.5 GB"),
        (10**15 * 4321, "4321 PB"),
    ],
)
def test_bytes_are_told_with_at_most_three_digits(count, text):
    assert format_bytes(count) == text


def test_control_characters_and_direction_overrides_are_shown_not_obeyed():
    assert clean("a\x1b[2Jb\u202ec\u2028d\x7f") == "a\\x1b[2Jb\\u202ec\\u2028d\\x7f"
    assert clean("Zoë 北京") == "Zoë 北京"


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.outside = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data") and not (value or "").startswith("#"):
                self.outside.append((tag, name, value))
            if name.startswith("on"):
                self.outside.append((tag, name, value))


def test_the_page_asks_nothing_of_the_outside_and_runs_nothing():
    page = render_html(
        report(
            row(user=HOSTILE, app=HOSTILE, device=HOSTILE, models=(HOSTILE,)),
            days=[Day("2026-11-24", 2, 3, 4, 0)],
        )
    )
    seen = _Tags()
    seen.feed(page)
    assert not seen.outside
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert "url(" not in page and "@import" not in page
    assert "default-src 'none'" in page
    assert "\x1b" not in page and "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_the_page_says_the_totals_and_draws_its_charts():
    page = render_html(
        report(
            *[
                row(app=f"v.app{n}", name=f"App {n}", bytes_up=1000 * n, status=list(Status)[n % 5])
                for n in range(1, 20)
            ],
            days=[Day("2026-11-23", 5, 1, 1, 0), Day("2026-11-24", 9, 1, 1, 0)],
            coverage={"flow": 12},
        )
    )
    assert page.count('<svg class="chart"') == 4
    assert "190 kB" in page and "7 others" in page and "2026-11-24" in page
    assert "cm9vdA==" in page


def test_an_empty_page_says_what_to_do():
    page = render_html(report())
    assert "No AI use has been recorded yet" in page and "gnomon capture -r" in page
    assert "<svg" not in page


def test_a_very_long_inventory_is_cut_in_the_page_and_says_so():
    page = render_html(report(*[row(device=f"ip:192.0.2.{n}") for n in range(MAX_ROWS + 5)]))
    assert f"the {MAX_ROWS} largest of {MAX_ROWS + 5}" in page


def test_csv_holds_every_row_and_no_formula():
    made = report(row(user="=HYPERLINK(1)"), row(user="+1", device="@x"), row(device="-2", models=("a", "b")))
    cells = list(csv.DictReader(io.StringIO(render_csv(made), newline="")))
    assert len(cells) == 3
    assert {cell["user"] for cell in cells} == {"'=HYPERLINK(1)", "'+1", ""}
    assert {cell["device"] for cell in cells} == {"ip:192.0.2.7", "'@x", "'-2"}
    assert cells[0]["first_seen"] == "2026-11-24T12:00:00+00:00"
    assert render_csv(report()) == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_never_starts_like_a_formula(start):
    assert str(safe_cell(f"{start}1+1")).startswith("'")


def test_json_says_what_the_rows_say():
    made = json.loads(render_json(report(row(user="ada@example.org"), coverage={"flow": 3})))
    assert made["totals"]["bytes_up"] == 1500
    assert made["rows"][0]["user"] == "ada@example.org"
    assert made["by_app"][0]["status"] == "unreviewed"
    assert made["coverage"] == {"flow": 3}


def test_markdown_keeps_its_columns_whatever_a_name_holds():
    text = render_markdown(report(row(user=HOSTILE), coverage={"flow": 3}))
    widths = {}
    for line in text.splitlines():
        if line.startswith("## "):
            title = line
        elif line.startswith("|"):
            widths.setdefault(title, set()).add(len(re.findall(r"(?<!\\)\|", line)))
    assert all(len(found) == 1 for found in widths.values()) and len(widths) == 5
    assert "\x1b" not in text and "<script>" not in text
    assert "No AI use" in render_markdown(report())


@pytest.mark.parametrize("render", [render_inventory, render_terminal])
def test_the_terminal_shows_hostile_names_without_obeying_them(render):
    out = io.StringIO()
    render(report(row(user=HOSTILE, would_block=2), coverage={"flow": 3}), out)
    text = out.getvalue()
    assert "\x1b" not in text and "[red]" in text and "ChatGPT" in text
    out = io.StringIO()
    render(report(), out)
    assert "gnomon capture -r" in out.getvalue()


def test_counts_and_times_read_well():
    assert format_count(1234567) == "1,234,567"
    assert format_time(NOON) == "2026-11-24 12:00"
