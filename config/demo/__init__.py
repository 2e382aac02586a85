"""A small shop on an origin of its own, as the place where a customer meets the widget."""
