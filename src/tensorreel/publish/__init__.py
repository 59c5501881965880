"""What leaves the house: subtitles, provenance, other formats, snippets and decks, made from finished clips."""
