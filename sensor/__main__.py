"""``python -m sensor`` is ``gnomon``."""

import sys

from sensor.cli import main

sys.exit(main())
