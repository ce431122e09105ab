"""Apache Superset over the published snapshot, in an environment of its own.

``superset_config`` and ``prepare`` run in Superset's environment and import nothing of ours; ``start`` makes that
environment and runs them.
"""
