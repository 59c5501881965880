"""From pictures to a file, format by format."""
