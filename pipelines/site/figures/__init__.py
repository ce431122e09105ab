"""What the pages show, read from the marts: each file one set of queries, for all agencies at once."""
