"""WORDS: the values that all rooms share. Imports nothing of ours."""
