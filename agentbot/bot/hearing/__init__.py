"""What the bot hears, and what it finds where nothing was heard."""
