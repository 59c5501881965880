"""Bad model files: one line each, exit code 3, nothing written, nothing that takes long."""
