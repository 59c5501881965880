"""What is to be made, and files that are whole or not there."""
