"""
Gnomon's addon for mitmproxy: ``mitmdump -s addons/shadow_ai.py``.

Works from a checkout and where Gnomon is installed; uses the same home as ``gnomon`` (another one:
``--set gnomon_home=DIR`` or ``$GNOMON_HOME``). ``gnomon proxy`` runs the same addon in a proxy of its own.
"""

import sys
from pathlib import Path

# From a checkout: the folder above this one holds the package. mitmproxy takes its own entry off sys.path
# again once this file is loaded, and modules that are imported later must be found too.
_ROOT = str(Path(__file__).resolve().parent.parent)
if (Path(_ROOT) / "sensor" / "__init__.py").is_file() and _ROOT not in sys.path:
    sys.path.append(_ROOT)

from sensor.inline.addon import ShadowAI  # noqa: E402  (only now can it be found)

addons = [ShadowAI()]
