"""Architectures that are composed from choices: stages in the place of the article's, where their formula differs."""
