"""The pages for people: figures from the marts, tables, charts and words, written as files that need nothing else."""
