"""A film that is spoken: what a speaker says and when, and how long each sentence takes."""
