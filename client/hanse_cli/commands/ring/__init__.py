"""`hanse key backup`, `recover`, `status`, `move`, `add`, `use`: the key ring."""
