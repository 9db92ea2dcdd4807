#!/bin/sh
# sh install.sh [FOLDER]   Installs the program into FOLDER (else ./program), from the files beside it and nothing else.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
for name in python@PYTHON@ python3 python; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (@TUPLE@))' 2>/dev/null; then
        exec "$name" "$here/install.py" "$@"
    fi
done
echo "需要 Python @PYTHON@(含 venv 模块),这里没有找到 / Python @PYTHON@ with its venv module was not found" >&2
exit 5
