"""Documents as paper: PDF/A-3 pages with a proof attached, made here or by others. Needs the extra `documents`."""
