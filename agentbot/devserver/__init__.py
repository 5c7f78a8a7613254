"""An embedded Papercups-compatible server for demos and tests."""
