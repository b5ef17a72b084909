"""The wire: SMTP as a pipelining client speaks it; knows no database."""
