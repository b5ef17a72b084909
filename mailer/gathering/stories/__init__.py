"""Stories: who is asked for them, who answers, and who was not featured lately."""
