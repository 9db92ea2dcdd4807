"""Trying a mapping without publishing: cases, a preview, a comparison."""
