"""Everything that crosses a socket: frames both ways, error codes, close codes, and the gate in front."""
