"""Phoenix Channels v2: frames, channels, presence and socket without I/O and without a clock.

:mod:`~agentbot.phoenix.client` alone drives them over a real WebSocket.
"""
