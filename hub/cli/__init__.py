"""The command line: a module a command, or a family of them. `main` puts them together and ends with an exit code."""
