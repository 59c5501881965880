"""Finished clips by what they show, and when one is out of date."""
