"""What binding is asked, what it answers and what it tells."""
