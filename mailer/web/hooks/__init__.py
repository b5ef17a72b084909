"""What mail clients call: pixels and links, before Flask and without a database."""
