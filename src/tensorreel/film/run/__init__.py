"""Many clips: workers, farms, watching, the whole film."""
