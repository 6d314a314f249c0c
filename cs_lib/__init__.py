"""The library beside the course's notebooks: gradient checking, training, data, pictures, checks and grading."""

__version__ = "0.1.0"
