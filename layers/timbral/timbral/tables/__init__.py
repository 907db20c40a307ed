"""Every table, declared once: columns with type, unit and meaning; key; how it grows."""
