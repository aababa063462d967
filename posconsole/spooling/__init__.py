"""From the queue to the paper: jobs to a till's printer, and batches of vouchers to files."""
