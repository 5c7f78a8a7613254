"""Whether a claim rests on its sources: the evidence for it, and the judge of it."""
