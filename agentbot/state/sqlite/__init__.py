"""The state in one SQLite file: the default, for one process."""
