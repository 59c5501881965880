"""``python -m tensorreel``: the command line, where its script is not on the path."""

from tensorreel.cli import main

if __name__ == "__main__":
    main(prog_name="tensorreel")
