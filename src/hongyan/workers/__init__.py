"""The loops: claim → I/O → record. Each hands over by what the store holds, and wakes the next by a signal."""
