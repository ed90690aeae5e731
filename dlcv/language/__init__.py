"""Vocabularies and tokenisers: text to numbers and back."""
