"""BYTES to customers: pure functions from values to octets and back."""
