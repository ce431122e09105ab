"""Where things lie: the home folder, landing, packages, lake, ledger, snapshots."""
