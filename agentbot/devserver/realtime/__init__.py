"""The socket, as Papercups serves it: frames in and out, and the channels behind them."""
