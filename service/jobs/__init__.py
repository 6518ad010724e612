"""What a job is and where it stands; limited child processes."""
