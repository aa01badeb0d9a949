"""The HTTP edge: identity, REST over the bus, jobs, audit. Imports neither Nameko nor eventlet nor any service."""
