"""
How AI services are spoken to, and how each says no.

``recognise`` names the dialect of a request's head; ``model_in_path`` gives the model where the path carries
it; ``refuse`` writes a refusal in the dialect's own error form. Nothing here decides anything.
"""

from sensor.dialects.names import Dialect, Family
from sensor.dialects.recognise import is_navigation, model_in_path, recognise
from sensor.dialects.refuse import Refusal, full_message, refuse, refuse_tunnel

__all__ = [
    "Dialect",
    "Family",
    "Refusal",
    "full_message",
    "is_navigation",
    "model_in_path",
    "recognise",
    "refuse",
    "refuse_tunnel",
]
