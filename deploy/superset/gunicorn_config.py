"""How Superset is served, here and in its container: one process, whose threads share one open snapshot."""

workers = 1
worker_class = "gthread"
threads = 8
timeout = 120
worker_tmp_dir = "/tmp"  # noqa: S108 - gunicorn's heartbeat; the container's only writable place besides its records
