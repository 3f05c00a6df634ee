"""`python -m hongyan.compose.console`: the console's process in place of one that died."""

from hongyan.compose.console.child import run_anew

if __name__ == "__main__":
    run_anew()
