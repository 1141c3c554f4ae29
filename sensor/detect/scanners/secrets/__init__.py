"""Scanners of secrets: what a name beside a value tells, and secrets that have no fixed length."""

from __future__ import annotations

from sensor.detect.finding import Scanner
from sensor.detect.scanners.secrets.assignment import scan_assignments
from sensor.detect.scanners.secrets.blocks import scan_blocks
from sensor.detect.scanners.secrets.headers import scan_aws_secrets, scan_headers, scan_url_passwords
from sensor.detect.scanners.secrets.runs import scan_long_tokens

__all__ = ["SCANNERS"]

SCANNERS: dict[str, Scanner] = {
    "assignment": scan_assignments,
    "aws_secret": scan_aws_secrets,
    "http_header": scan_headers,
    "key_block": scan_blocks,
    "long_token": scan_long_tokens,
    "url_password": scan_url_passwords,
}
