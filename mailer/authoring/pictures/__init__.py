"""Pictures: taken in safely, made small enough for mail, kept under their content's hash."""
