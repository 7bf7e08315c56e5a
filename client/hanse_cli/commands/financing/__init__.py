"""What banks lend on."""
