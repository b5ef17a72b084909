"""Segments: rules as a document, compiled to one condition and explained in a sentence."""

from contacts.segments.compiling import matching
from contacts.segments.rules import FIELDS, Group, Rule, parse
from contacts.segments.words import in_words

__all__ = ["FIELDS", "Group", "Rule", "in_words", "matching", "parse"]
