"""
Runs in the peers' own environment: reads ``{"tool": …, "text": …}`` lines, answers ``{"cpu_s": …, "spans":
…}``.

Imports nothing of this project. CPU seconds are of the scan alone, after the tool has been set up and warmed.
"""

import json
import os
import sys
import tempfile
import time


def presidio(recognisers):
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """Without a model: none can be had without a download at run time."""

        def __init__(self):
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            self.nlp = {"en": spacy.blank("en")}

        def load(self):
            pass

    engine = Blank()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])

    def scan(text):
        return [
            (found.start, found.end)
            for found in analyzer.analyze(text=text, language="en", score_threshold=0.35)
        ]

    return scan


def detect_secrets(_):
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    handle, path = tempfile.mkstemp(suffix=".txt")
    os.close(handle)

    def scan(text):
        with open(path, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        spans = []
        with default_settings():
            for secret in scan_file(path):
                value = secret.secret_value or ""
                at = text.find(value) if value else -1
                if at >= 0:
                    spans.append((at, at + len(value)))
        return spans

    return scan


def credsweeper(_):
    from credsweeper.app import CredSweeper
    from credsweeper.file_handler.string_content_provider import StringContentProvider

    sweeper = CredSweeper()

    def scan(text):
        sweeper.credential_manager.set_credentials(
            sweeper.file_scan(StringContentProvider(text.splitlines()))
        )
        sweeper.post_processing(lambda *_: None)
        spans = []
        for found in sweeper.credential_manager.get_credentials():
            for line in found.line_data_list:
                at = text.find(line.value) if line.value else -1
                if at >= 0:
                    spans.append((at, at + len(line.value)))
        return spans

    return scan


TOOLS = {"presidio": presidio, "detect-secrets": detect_secrets, "credsweeper": credsweeper}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr
    scans = {}
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked["tool"]
        try:
            if name not in scans:
                scans[name] = TOOLS[name](None)
                scans[name]("warm up: admin@example.org, password = 'correct horse'\n")
            begun = time.process_time()
            spans = scans[name](asked["text"])
            answer = {"cpu_s": time.process_time() - begun, "spans": spans}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
