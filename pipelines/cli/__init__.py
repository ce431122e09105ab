"""The `cchc` program."""
