"""StartError: what went wrong with a server, in one line for a person."""


class StartError(Exception):
    """A server cannot start or has stopped. The message is one line and says what to do."""
