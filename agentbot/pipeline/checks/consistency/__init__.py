"""What a claim says otherwise than its source: of figures, subjects, roles, denials."""
