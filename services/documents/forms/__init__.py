"""From structured content to an immutable PDF: content, composition, drawing, issuing."""
