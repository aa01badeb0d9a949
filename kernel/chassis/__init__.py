"""The technical floor under every service. No business noun lives here.

``bus`` is what travels, ``data`` what stays, ``jobs`` long work, ``lists`` rows out, ``process`` the life of a process.
``bus.links``, ``bus.rpc_server``, ``bus.relay``, ``bus.events``, ``process.timers``, ``process.service``,
``process.green`` and ``process.runner`` need eventlet and Nameko. Everything else is plain Python and serves job
workers and the gateway as well.
"""

import warnings

# Known and decided (docs/adr/0004); it would stand before the first line of every process.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
