"""The web door: pages for operators, pages for subscribers, hooks for mail clients."""
