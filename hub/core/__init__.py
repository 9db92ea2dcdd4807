"""Values and mathematics: no clock, no chance, no input, no output, and nothing but the standard library."""
