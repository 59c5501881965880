"""A voice for the film: engines that speak a sentence, recordings, and what is kept of them."""
