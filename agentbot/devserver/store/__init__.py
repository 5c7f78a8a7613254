"""What the server keeps, in memory, and how it looks on the wire. Knows nothing of the network."""
