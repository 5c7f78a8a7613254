"""The socket and its channels, as Papercups and Phoenix answer them."""
