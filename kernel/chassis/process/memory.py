"""Memory after heavy work."""

import ctypes


def give_back() -> None:
    """What is free between the pieces still in use goes back to the system, where the C library can do that.

    Otherwise a worker that does the same heavy work night after night finds its free memory in ever smaller pieces.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
