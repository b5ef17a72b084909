"""The web door: pages for operators, pages for subscribers, hooks for mail clients.

A view reads its form, calls one use case, and flashes, redirects or renders.
"""
