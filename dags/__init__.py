"""The nights in Airflow: wiring only. Every task calls a function of ``pipelines.flows``, as the CLI does."""
