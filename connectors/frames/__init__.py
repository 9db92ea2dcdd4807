"""What rows say becomes frames: events numbered, sealed, chained, signed, and sent."""
