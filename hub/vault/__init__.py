"""Who is who, with a database and keys of its own. Only `hub.wiring` opens it."""
