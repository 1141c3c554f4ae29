"""A real browser that navigates to a refused site shows the page, alone and without scripts."""

import subprocess

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def door(make_door):
    return make_door()


def test_chromium_shows_the_refusal_page(door, need_tool, tmp_path):
    chromium = need_tool("chromium")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={tmp_path}", f"--proxy-server={door.url}", "--ignore-certificate-errors",
            "--dump-dom", "https://blocked.example/",
        ],
        capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    page = done.stdout
    assert "Ask the IT desk." in page and "no-blocked" in page and "blocked.example" in page, done.stderr[
        -500:
    ]
    assert door.reached("blocked.example") == []
