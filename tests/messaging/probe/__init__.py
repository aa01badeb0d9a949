"""A tiny real service that publishes: what the messaging tests prove things with."""
