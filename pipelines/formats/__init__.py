"""Readers: bytes of one format to rows of text."""
