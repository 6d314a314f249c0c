"""The student's terminal: `cs-lib check`, `hint` and `submit`, on notebooks as they were last saved."""
