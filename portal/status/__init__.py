"""报送情况: the obligation ledger and the office's figures, as pages and commands show them."""
