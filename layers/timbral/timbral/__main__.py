"""``python -m timbral`` is the command line."""

from timbral.cli import main

main()
