"""The REST API, as Papercups answers it: one module for each who calls, and what they share."""
