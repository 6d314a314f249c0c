"""A catalogue of hostile and broken submissions: see README.md."""

from hostile import answers, files, forgeries, runaways, thieves
from hostile.sample import Sample

SAMPLES: tuple[Sample, ...] = (
    *files.SAMPLES,
    *answers.SAMPLES,
    *runaways.SAMPLES,
    *forgeries.SAMPLES,
    *thieves.SAMPLES,
)
