"""One module a family of kinds: how a raw cell becomes its canonical form, version 1 (docs/canonical-form.md)."""
