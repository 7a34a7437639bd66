"""Every rule of the catalogue, and judging by them."""

from schemas.rules.check import IMPLIED, RULES, Checked, CheckedOne, Context, check, check_one, example_problems

__all__ = ["IMPLIED", "RULES", "Checked", "CheckedOne", "Context", "check", "check_one", "example_problems"]
