"""The command line with the stub for a renderer, for tests that need processes of their own: ``-m tests.stubbed``."""

from __future__ import annotations

from tensorreel.cli import main
from tensorreel.film.keep import fingerprint
from tensorreel.film.make import backend
from tensorreel.film.run.delivery import Plain
from tensorreel.publish import labelling
from tests.harness import no_font
from tests.stub import STUB

backend.DEFAULT = STUB
fingerprint.font_digest = no_font
labelling.Labeller = Plain  # type: ignore[misc,assignment]

if __name__ == "__main__":
    main(prog_name="tensorreel")
