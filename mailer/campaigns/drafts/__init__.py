"""An issue while people write it: its blocks, what can be undone, its versions, who is here."""
