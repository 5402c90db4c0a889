"""The command line: one verb per module."""


def main() -> None:
    """Entry point of `bianque`."""
