"""Who may see what, and why: classify, decide, pseudonym, audit."""
