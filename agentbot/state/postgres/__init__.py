"""The state in PostgreSQL: for several replicas, which share one database."""
