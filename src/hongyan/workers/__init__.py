"""The loops: claim → I/O → record. Each hands over through the store, and wakes the next one by a signal."""
