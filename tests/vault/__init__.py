"""The vault: who is who, and nobody else knows."""
