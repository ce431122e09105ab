"""cchc: how far a province's offices handle their work electronically."""

__version__ = "0.1.0"
