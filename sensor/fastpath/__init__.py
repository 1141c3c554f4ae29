"""
Packets to events: one interface, ``block of packets → events``.

``twin`` is the pure-Python form. A native library takes the same packets, keeps the same flow slots and gives
the same events; it is tested against the twin.
"""
