"""Categories of membership."""
