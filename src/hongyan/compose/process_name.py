from pathlib import Path


def name_process(name: str) -> None:
    """Give this process a name, as `ps` and `top` show it: 15 characters at most."""
    Path("/proc/self/comm").write_text(name, encoding="ascii")
