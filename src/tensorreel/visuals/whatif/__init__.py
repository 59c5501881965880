"""What if: the engine run again with one thing changed, beside what is real."""
