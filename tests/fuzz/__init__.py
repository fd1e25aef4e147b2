"""Hostile input, made by chance from a number and fed to the real doors in a limited process of its own.

    python -m tests.fuzz                          every target, the short form
    python -m tests.fuzz csv --count 1000000      one target, so many cases
    python -m tests.fuzz csv --from 7316 --count 1    that case again

A case is its target's name and a number, so whatever fails is made again from the two. The bytes of a case that once
failed are kept in `tests/fuzz/corpus/<target>/` and are fed each time.
"""
