"""Great Expectations inside DuckDB: bridge, suites, gates, Data Docs."""
