"""What operators run: the doctor, a network of folders, a hand-over."""
