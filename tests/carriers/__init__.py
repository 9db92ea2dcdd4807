"""The carriers of frames from an edge to the hub: whatever carries them, the same facts arrive."""
