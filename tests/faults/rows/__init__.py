"""The table of faults: each row is a script over a stage, found by its number."""
