"""The tables that files are imported into, by name."""

from hongyan.services.admin.import_tables.black_list import BLACK_LIST
from hongyan.services.admin.import_tables.codes import CODES
from hongyan.services.admin.import_tables.signatures import SIGNATURES
from hongyan.services.admin.import_tables.templates import TEMPLATES
from hongyan.services.admin.import_tables.words import WORDS

IMPORT_TABLES = {one.name: one for one in (SIGNATURES, TEMPLATES, CODES, WORDS, BLACK_LIST)}
