"""The REST API, as Papercups answers it."""
