"""What commands do with the node: the one room that imports it. A command loads it when it runs, and not before."""
