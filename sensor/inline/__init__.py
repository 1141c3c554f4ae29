"""
The inline door: mitmproxy's hooks, around the same core as the passive door.

``addon`` is the door itself, ``guard`` what stands around every hook, ``heads`` turns mitmproxy's objects
into observations, ``layers`` reaches into its protocol layers where no hook does, ``mapping`` sends names to
stand-ins, ``logs`` keeps traffic out of log files, ``core`` opens what the door needs, ``run`` runs a proxy
in this process.
"""
