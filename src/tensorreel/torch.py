"""For trainings in PyTorch, which is not imported: what keeps checkpoints that ``tensorreel evolve`` reads."""

from tensorreel.api.recording import Recorder, trainer_callback

__all__ = ["Recorder", "trainer_callback"]
