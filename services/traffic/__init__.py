"""Daily and monthly usage, tariffs, costs, anomalies and their rules."""
