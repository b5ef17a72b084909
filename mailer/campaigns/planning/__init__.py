"""What a schedule is to do: chosen, checked, warned of, and laid out day by day."""
