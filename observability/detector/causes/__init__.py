"""Evidence to causes: one rule a file."""
