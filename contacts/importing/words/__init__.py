"""Words that files use: the names of columns and what is said of permission, in eight languages."""
