"""Acts: what a method's function looks like, and which keywords it is given.

``act(tx, request, *, by, now, ...) -> reply`` does what one method promises. ``tx`` is one transaction; that of a query
can only read. An act names the keywords that it needs, and gets no others:

* ``by``: who is allowed to, as the method declares it (`Actor`);
* ``now``: aware UTC, of business;
* ``blobs``: the blob store;
* ``service``, ``package``: the name of the service, and where its jobs and exports are declared.
"""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

from kernel.contracts.method import Reply

Act = Callable[..., Reply]
KEYWORDS = frozenset({"by", "now", "blobs", "service", "package"})


def keywords_of(act: Act) -> tuple[str, ...]:
    """The keywords that ``act`` names. Raises TypeError for one that it needs and nobody offers."""
    named = [it for it in signature(act).parameters.values() if it.kind == Parameter.KEYWORD_ONLY]
    for it in named:
        if it.name not in KEYWORDS and it.default is Parameter.empty:
            raise TypeError(f"{act.__module__}.{act.__qualname__} needs {it.name}; known are {sorted(KEYWORDS)}")
    return tuple(it.name for it in named if it.name in KEYWORDS)


def asked_for(act: Act, **offered: Any) -> dict[str, Any]:
    """What of ``offered`` the act names."""
    return {name: offered[name] for name in signature(act).parameters if name in offered}
