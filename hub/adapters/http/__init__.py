"""The log as an edge sees it through the ingress gateway."""
