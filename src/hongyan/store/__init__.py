"""The store: `database` is one process's way to it. `engine` runs statements and transactions, `sql` says what each step writes."""
