"""What Athena is told of the tables is what they declare."""

import json

import pytest

from tests.deployment import REPOSITORY
from timbral.tables.catalogue import ALL_TABLES
from timbral.tables.glue import glue_template, glue_type


def test_the_template_of_tables_is_the_one_that_the_declarations_give():
    """Write it anew with ``timbral tables --glue > infra/tables.json``."""
    written = json.loads((REPOSITORY / "infra" / "tables.json").read_text())

    assert written == glue_template(ALL_TABLES)


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_every_column_has_a_type_that_glue_knows(table):
    assert all(glue_type(column.type) for column in table.columns)
