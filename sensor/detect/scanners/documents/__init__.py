"""
What a text is as a whole: labels on it, source code, listings, licences.

These are told and not replaced (``report_only``): a policy decides what a page of source code or a label
means. The span is what shows it: the label, the header, the block.
"""

from __future__ import annotations

from sensor.detect.finding import Scanner
from sensor.detect.scanners.documents.code import scan_code
from sensor.detect.scanners.documents.labels import scan_insider, scan_labels
from sensor.detect.scanners.documents.licences import scan_licence
from sensor.detect.scanners.documents.listings import scan_config, scan_diff, scan_dump, scan_env, scan_trace

__all__ = ["SCANNERS"]

SCANNERS: dict[str, Scanner] = {
    "source_code": scan_code,
    "licence": scan_licence,
    "diff": scan_diff,
    "sql_dump": scan_dump,
    "stack_trace": scan_trace,
    "env_file": scan_env,
    "config_dump": scan_config,
    "document_label": scan_labels,
    "insider": scan_insider,
}
