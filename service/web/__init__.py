"""Templates and static files of the upload page."""
