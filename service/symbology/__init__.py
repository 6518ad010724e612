"""Text in, modules or a clear error out. Pure; one file per family."""
