"""Use cases, one file a step; the CLI and the DAGs call the same functions."""
