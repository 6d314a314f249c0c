"""The answers: one module per notebook. This room stays home; a release leaves it out whole.

Each function carries the signature and the docstring that students see, and its answer between `# BEGIN SOLUTION`
and `# END SOLUTION`. From it come the stub, the solved cell, and the expected values of every test.
"""
