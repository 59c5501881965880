"""Exact geometry: the plane and the sphere, and where texts may stand beside points."""
