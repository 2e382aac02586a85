"""`make run`: everything Porchlight needs, on this machine, started and stopped together."""
