"""The console in a process of its own beside the one that serves: forked at the start, watched, and fed with requests."""
