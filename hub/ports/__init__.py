"""What we ask of the world: one small Protocol a module. Whoever honours them is in `hub.adapters`."""
