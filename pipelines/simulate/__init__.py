"""A sample province: exports that behave like the real ones, and the truth about them."""
