"""What operations see from outside: alert rules, their tests, and dashboards."""
