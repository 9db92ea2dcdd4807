"""Help for who writes a mapping: a first draft, ready code tables, a schema for editors."""
