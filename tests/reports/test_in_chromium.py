"""A real browser takes the page: it is drawn whole, and nothing on it is refused by its own CSP."""

import subprocess

import pytest

from reports.data import Day, build_report
from reports.html import render_html
from sensor.inventory import InventoryRow
from sensor.model import Grade

NOON = 1_795_521_600.0


@pytest.mark.slow
@pytest.mark.parametrize("size", ["1200,900", "390,800"], ids=["desk", "phone"])
def test_chromium_draws_the_page_without_a_word(size, need_tool, tmp_path):
    rows = [
        InventoryRow(
            app=f"acme.app{n}",
            name=f"Acme {n}",
            device="ip:192.0.2.7",
            bytes_up=1000 * n,
            events=n,
            first_seen=NOON,
            last_seen=NOON,
            grade=Grade.PARSED,
            doors=("proxy",),
        )
        for n in range(1, 15)
    ]
    page = tmp_path / "report.html"
    page.write_text(
        render_html(build_report(rows, generated=NOON, origin="x", days=[Day("2026-11-24", 9, 1, 1, 0)]))
    )
    picture = tmp_path / "page.png"
    done = subprocess.run(
        [
            need_tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={size}", f"--screenshot={picture}", page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )  # fmt: skip
    assert picture.stat().st_size > 10_000
    assert "CONSOLE" not in done.stderr
