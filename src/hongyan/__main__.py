"""`python -m hongyan`, and the console script."""

from hongyan.cli.app import main

if __name__ == "__main__":
    main()
