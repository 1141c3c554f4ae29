"""
A local stand-in for AI services: it speaks their APIs and knows nothing.

``gnomon demo`` and the tests send real clients through the real proxy to it, so that nothing leaves the
machine. ``certificates`` makes throw-away certificates, ``answers`` says what comes back, ``server`` serves
it.
"""

from sensor.standin.certificates import Authority
from sensor.standin.server import Arrived, StandIn

__all__ = ["Arrived", "Authority", "StandIn"]
