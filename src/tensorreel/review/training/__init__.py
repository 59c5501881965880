"""Training reels under review: every number held against the checkpoint that is named."""
