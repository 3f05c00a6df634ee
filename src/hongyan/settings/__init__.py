"""The settings of an installation, from a TOML file, the environment and flags: a flag wins over the environment, that over the file.

What changes daily (customers, channels, routes, prices) lives in the database. The settings are addresses, the database, the
sealing key, and every limit. Units are part of a name. A secret may always come from a file: `x_file` instead of `x`.
"""
