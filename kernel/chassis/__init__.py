"""The technical floor under every service: bus, database, jobs, files, health. No business noun lives here.

``green``, ``bus``, ``rpc_server``, ``relay``, ``events``, ``timers``, ``service`` and ``runner`` need eventlet and
Nameko. Everything else is plain Python and serves job workers and the gateway as well.
"""

import warnings

# Known and decided (docs/adr/0004); it would stand before the first line of every process.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
