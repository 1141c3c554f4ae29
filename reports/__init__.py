"""Everything that people read: terminal, HTML, JSON, CSV, Markdown."""
