"""Where things stand on every frame: heights of the header and of what lies between it and the caption."""

from __future__ import annotations

HEADER_Y = 2.37
CONTENT_TOP, CONTENT_BOTTOM = 2.08, -2.6  # between the underlined formula and two lines of caption
LOW = 0.16  # how far below its bottom dense rows may reach: still clear of two lines
