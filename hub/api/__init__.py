"""Doors of the hub for other programs: the ingress gateway."""
