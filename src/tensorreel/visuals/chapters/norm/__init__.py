"""The residual and LayerNorm."""
