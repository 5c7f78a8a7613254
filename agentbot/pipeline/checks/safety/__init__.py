"""What no answer may hold, and no source may tell a model: leaks, markup, false acts."""
