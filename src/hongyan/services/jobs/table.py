"""The table of jobs. Jobs that change something do a slice in a transaction; jobs that read do a slice in a snapshot."""

from collections.abc import Callable, Mapping

from hongyan.model.act import Act
from hongyan.model.job import Job, JobKind, Slice
from hongyan.ports.tx import Tx
from hongyan.services.jobs import exports, imports
from hongyan.services.jobs.replay import replay

CHANGING: Mapping[JobKind, Callable[[Tx, Act, Job], Slice]] = {
    JobKind.FILE_IMPORT: imports.import_file,
    JobKind.WORD_IMPORT: imports.import_words,
    JobKind.BLACKLIST_IMPORT: imports.import_listed,
    JobKind.REPLAY: replay,
}

READING: Mapping[JobKind, Callable[[Tx, Job, int], Slice]] = {
    JobKind.FILE_COMPARISON: imports.compare_file,
    JobKind.MESSAGE_EXPORT: exports.messages,
    JobKind.WORD_EXPORT: exports.words,
    JobKind.BLACKLIST_EXPORT: exports.listed,
}
"""The last argument is the moment (milliseconds since 1970)."""
