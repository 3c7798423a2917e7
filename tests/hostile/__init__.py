"""Submissions that try to get more than they deserve, or to do harm. Never run one bare."""
