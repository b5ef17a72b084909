"""Notices that mail systems wrote for people: which recipient failed, and why."""
