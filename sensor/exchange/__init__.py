"""
One exchange through the proxy as a state machine: heads and ends in; records and refusals out.

Pure: the proxy drives it and carries out what it gives back. ``receive``, which decides, is handed in.
"""

from sensor.exchange.http import Answer, Exchange, Receive, State, events_of
from sensor.exchange.tunnel import Tunnel

__all__ = ["Answer", "Exchange", "Receive", "State", "Tunnel", "events_of"]
