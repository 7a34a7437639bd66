"""The circular (通报) as an office procedure: drafted and frozen, answered by departments, decided, signed, numbered, issued; later errors only by a numbered 更正."""
