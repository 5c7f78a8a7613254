"""What the server keeps, in memory, and how it shows it."""
