"""
``gnomon demo``: real clients through the real proxy to a local stand-in, and a real capture through the
passive door. ``plan`` says what the clients ask, ``clients`` runs them, ``stage`` puts it all up.
"""
