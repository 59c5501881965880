"""What is asked of a command: options and arguments that several share, and where values are kept that nobody types."""
