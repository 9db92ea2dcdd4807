"""Containers, alerts and dashboards, as files: nothing here starts a container."""
