"""The acceptance tests of issue 3: real parts from dirty files to views, in one folder."""
