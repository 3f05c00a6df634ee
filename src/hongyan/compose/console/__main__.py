"""`python -m hongyan.compose.console`: the console's process in place of one that died."""

from hongyan.compose.console.child import live_again

if __name__ == "__main__":
    live_again()
