"""The store: `database` is a process's way to it; `engine` runs statements and transactions; `sql` has the statements of each
step.
"""
