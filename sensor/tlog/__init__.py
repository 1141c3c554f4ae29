"""
The transparency log's mathematics: the Merkle tree, its tiles and proofs, signed notes, canonical JSON.

Rule 1: values in, values out. No clock, no file, no database, no randomness; keys are handed in.
Rule 2: an outside program that knows only RFC 6962 and the C2SP documents can check what is made here.

=============  ==========================================================================================
``canonical``  JSON with one spelling for each value (a pinned subset of RFC 8785)
``tree``       leaf and node hashes; the growing tree: compact range (frontier) and tiles (RFC 6962)
``tiles``      where a hash stands in which tile, the tiles' file names, reading subtrees back
``proofs``     inclusion and consistency proofs and their verifiers (RFC 6962, RFC 9162)
``note``       C2SP signed notes with Ed25519, verifier and signer keys as text
``checkpoint``  the note that names a log, its size and its root hash
=============  ==========================================================================================
"""
