"""Opening hours: when the shop is open, and who tells a customer that nobody is there."""
