"""What comes back: opens, clicks, unsubscribes, bounces."""
