"""Pure rules of the field: no files, no database, nothing else of ours."""
