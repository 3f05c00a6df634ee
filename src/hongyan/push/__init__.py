"""Posting reports and replies to customers."""
