"""The settings of an installation, from a TOML file, the environment and flags. A flag goes before the environment, and that
before the file.

What changes daily (customers, channels, routes, prices) is in the database. The settings are addresses, the database, the
sealing key, and every limit. Units are part of a name. A secret may always come from a file: `x_file` instead of `x`.
"""
