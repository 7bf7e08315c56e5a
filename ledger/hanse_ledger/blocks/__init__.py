"""Records applied in order and closed with a state entry: what one commit writes, and its replay."""
