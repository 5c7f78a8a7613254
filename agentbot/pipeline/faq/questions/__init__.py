"""What a question asks, by its own words: its sentences, slips, conditions and opposites."""
