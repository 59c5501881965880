"""The small motions that every verb is made of, and the order of its steps."""
