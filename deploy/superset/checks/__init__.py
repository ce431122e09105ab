"""The tests of ``make superset-test``."""
