"""What comes out on paper: laid out as plain text, for a screen as for a printer."""
