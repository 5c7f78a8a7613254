"""The bot under kills, faults and a bad network: real processes, real sockets."""
