"""What runs in a child process, as C code may die there: `draw.draw` makes the PDF, `verify.verify` reads it back."""
