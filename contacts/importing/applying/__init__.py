"""A checked row becomes people, organisations and consent."""
