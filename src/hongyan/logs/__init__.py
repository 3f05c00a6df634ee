"""LOGS: what a process says on stderr: masked, limited, and fit for a terminal."""
