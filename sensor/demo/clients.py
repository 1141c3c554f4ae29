"""
Runs one step of the plan with a real client in a process of its own.

An SDK is used where it is installed, curl where it is found; what is missing is replaced by Python's own
``urllib``, so that the demo needs nothing but Python.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sensor.demo.plan import PASSWORD, Step
from sensor.model import Endpoint

__all__ = ["Outcome", "Runner"]

_TIMEOUT_S = 30

_SDKS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google-genai": "google.genai",
}

_PROGRAMS = {
    "openai": """
import json, sys
import openai
step = json.load(sys.stdin)
client = openai.OpenAI(api_key="sk-demo", max_retries=0)
try:
    for _ in client.chat.completions.create(**step["body"]):
        pass
    print(200)
except openai.APIStatusError as error:
    print(error.status_code)
""",
    "anthropic": """
import json, sys
import anthropic
step = json.load(sys.stdin)
client = anthropic.Anthropic(api_key="sk-ant-demo", max_retries=0)
step["body"].pop("stream")
try:
    client.messages.create(**step["body"])
    print(200)
except anthropic.APIStatusError as error:
    print(error.status_code)
""",
    "google-genai": """
import json, sys
from google import genai
from google.genai import errors
step = json.load(sys.stdin)
client = genai.Client(api_key="demo")
model = step["url"].rpartition("/")[2].partition(":")[0]
try:
    client.models.generate_content(model=model, contents="Write a haiku")
    print(200)
except errors.APIError as error:
    print(error.code)
""",
    "python": """
import json, sys, urllib.error, urllib.request
step = json.load(sys.stdin)
data = None if step["body"] is None else json.dumps(step["body"]).encode()
headers = dict(step["headers"])
if data is not None:
    headers["content-type"] = "application/json"
asked = urllib.request.Request(step["url"], data=data, headers=headers)
try:
    with urllib.request.urlopen(asked, timeout=20) as answer:
        answer.read()
        print(answer.status)
except urllib.error.HTTPError as error:
    print(error.code)
""",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step went."""

    step: Step
    client: str
    """Which client really ran."""
    status: int | None
    """HTTP status that it got; ``None`` where it got none."""
    problem: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether the policy did what the plan says."""
        return self.status == (403 if self.step.blocked else 200)


class Runner:
    """Runs steps against one proxy. ``bundle`` holds the certificates that clients are to trust, PEM."""

    def __init__(self, proxy: Endpoint, bundle: Path) -> None:
        self._proxy = proxy
        self._bundle = bundle
        self._curl = shutil.which("curl")

    def run(self, step: Step) -> Outcome:
        """One step, to its end."""
        client = self._client(step)
        where = f"http://{quote(step.user)}:{quote(PASSWORD)}@{self._proxy}"
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment |= {
            "HTTPS_PROXY": where,
            "https_proxy": where,
            "SSL_CERT_FILE": str(self._bundle),
            "REQUESTS_CA_BUNDLE": str(self._bundle),
            "PYTHONWARNINGS": "ignore",
        }
        if client == "curl":
            command, given = self._curl_command(step), step.data
        else:
            command, given = [sys.executable, "-c", _PROGRAMS[client]], _told(step)
        try:
            done = subprocess.run(
                command, input=given or b"", capture_output=True, env=environment, timeout=_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Outcome(step, client, None, type(error).__name__)
        said = done.stdout.decode(errors="replace").strip().rpartition("\n")[2]
        if not said.isdigit() or said == "000":
            problem = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            return Outcome(step, client, None, problem or f"{client} ended with {done.returncode}")
        return Outcome(step, client, int(said))

    def _client(self, step: Step) -> str:
        module = _SDKS.get(step.client)
        if module is not None:
            return step.client if _is_installed(module) else "python"
        if step.client == "curl" and self._curl is None:
            return "python"
        return step.client

    def _curl_command(self, step: Step) -> list[str]:
        words = [self._curl or "curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", "--max-time", "20"]
        words += ["--cacert", str(self._bundle)]
        for name, value in step.headers:
            words += ["-H", f"{name}: {value}"]
        if step.body is not None:
            words += ["-H", "content-type: application/json", "--data-binary", "@-"]
        return [*words, step.url]


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _told(step: Step) -> bytes:
    import json

    return json.dumps({"url": step.url, "body": step.body, "headers": list(step.headers)}).encode()
