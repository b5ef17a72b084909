"""Pages under Contacts."""
