"""Who owed what, when it was due, and whether it came: pure functions on plain data. What they are fed is read in `loaders/obligations`."""
