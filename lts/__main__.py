"""`python -m lts` is `lts`."""

from lts.cli import main

if __name__ == "__main__":
    main()
