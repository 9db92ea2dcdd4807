@echo off
rem install.cmd [FOLDER]   Installs the program into FOLDER (else program), from the files beside it and nothing else.
setlocal
py -@PYTHON@ -c "import venv, ensurepip" >nul 2>nul
if not errorlevel 1 (
    py -@PYTHON@ "%~dp0install.py" %*
    goto done
)
python -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (@TUPLE@))" >nul 2>nul
if not errorlevel 1 (
    python "%~dp0install.py" %*
    goto done
)
echo Python @PYTHON@ (64 bit) was not found. Install it first, then run install.cmd again.
exit /b 5
:done
exit /b %errorlevel%
