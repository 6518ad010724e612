"""Label sheet geometry and layout. Pure."""
