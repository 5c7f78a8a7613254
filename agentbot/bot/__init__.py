"""From the room to the reply: turns, order, deciding, delivering, catching up."""
