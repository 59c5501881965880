"""The small motions that every verb is made of."""
