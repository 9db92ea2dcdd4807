"""PostgreSQL as store of views, of what intake remembers, and of the vault."""
