"""Hongyan 鸿雁: an SMS/MMS platform server."""

__version__ = "0.1.0"
