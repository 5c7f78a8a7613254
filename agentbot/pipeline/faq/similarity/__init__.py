"""How like a question is to each phrasing: by its words, and by its meaning."""
