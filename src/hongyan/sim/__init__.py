"""Simulated carriers and customers, built on the codecs of wire and formats."""
