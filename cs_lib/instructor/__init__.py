"""What instructors do: write notebooks from the reference, validate, release, grade. This room stays home."""
