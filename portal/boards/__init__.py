"""Dashboards: each chart is one statement and one description in `charts`, found by the pages by themselves."""
