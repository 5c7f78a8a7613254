"""Opening hours: when the shop is open, and who says so when it is not."""
