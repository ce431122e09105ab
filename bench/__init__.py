"""Measures the pipeline against a floor taken in the same run."""
