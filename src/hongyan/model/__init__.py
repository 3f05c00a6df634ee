"""WORDS: what every room speaks of. Imports nothing of ours."""
