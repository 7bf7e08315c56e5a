"""The command line `hanse`: one file a group of commands, one table from errors to exit codes."""
