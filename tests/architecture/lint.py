"""import-linter over the folder we stand in; its own script would have an absolute path in it."""

import os
import sys

from importlinter.cli import lint_imports_command

sys.path.insert(0, os.getcwd())
lint_imports_command(["--no-logo", *sys.argv[1:]])
