"""boto3 against a stand-in: what the tests of Bedrock share."""

from __future__ import annotations

import base64
from typing import Any

import boto3  # type: ignore[import-untyped]  # ships no types
from botocore.config import Config  # type: ignore[import-untyped]  # ships no types

from sensor.dialects.bedrock import close_bytes
from tests.dialects.standin import Seen, always, serve
from tests.dialects.stream_checks import eventstream, post, told

DATA = b"\x89PNG\r\n\x1a\n"
ENCODED = base64.b64encode(DATA).decode()
AMAZON = "application/vnd.amazon.eventstream"
PROFILE = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude"


SESSION = boto3.Session()
"""Loads a service's model once for all clients."""


def client(url: str, service: str = "bedrock-runtime") -> Any:
    """boto3's client, which signs with version 4."""
    config = Config(retries={"total_max_attempts": 1}, signature_version="v4")
    return SESSION.client(
        service,
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=config,
    )


def ask(closed: Any, call: Any, answer: Any, **how: Any) -> tuple[Any, Seen]:
    """What boto3 made of an answer, and what it sent."""
    with serve(always(answer)) as (url, seen):
        made = call(closed(client(url, **how)))
        for value in made.values():
            if hasattr(value, "close"):
                closed(value)
        return made, seen[0]


def stream_answer(frames: Any) -> Any:
    """An answer in an event stream."""
    pieces = [eventstream(event, value) for event, value in frames]
    return 200, {"content-type": AMAZON}, iter(pieces)


def texts(reading: Any, body: Any) -> list[tuple[str, str]]:
    return [(direction, text) for direction, _, _, text in told(reading, body)]


def chunks(*values: Any) -> Any:
    """Frames of an answer to invoke-with-response-stream."""
    return [("chunk", {"bytes": close_bytes(value), "p": "abcdef"}) for value in values]


CONVERSE_HEAD = post("/model/m/converse-stream")
INVOKE_HEAD = post("/model/m/invoke-with-response-stream")
