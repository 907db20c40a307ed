"""The tables as Glue knows them, so that Athena and Grafana can ask them: from the same declarations.

Athena knows no snapshots. So a table is read through a listing of its files, which the daily look writes;
only the job log is read as it grows, where of one attempt's rows the latest counts.

Source: https://docs.aws.amazon.com/athena/latest/ug/delta-lake-tables.html (symlink listings)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from timbral.tables.runs import JOB_LOG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timbral.tables.declaration import Column, Table

_SIMPLE = {
    "string": "string",
    "int64": "bigint",
    "float32": "float",
    "float64": "double",
    "bool": "boolean",
}
_HIVE = "org.apache.hadoop.hive.ql.io"
_PARQUET = f"{_HIVE}.parquet"
_WRITES = f"{_HIVE}.HiveIgnoreKeyTextOutputFormat"


def glue_type(declared: str) -> str:
    """Return Glue's name of a declared type.

    Raises:
        KeyError: The type is unknown.
    """
    if declared.startswith("vector<"):
        return "array<float>"
    if inner := re.fullmatch(r"list<(\w+)>", declared):
        return f"array<{_SIMPLE[inner[1]]}>"
    return _SIMPLE[declared]


def glue_template(tables: Iterable[Table]) -> dict[str, Any]:
    """Return a CloudFormation template of the tables.

    Args:
        tables: Declarations.

    Returns:
        A template whose parameters are ``Root``, the store's bucket and prefix, and ``Database``.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The tables for Athena, as `timbral tables --glue` writes them.",
        "Parameters": {"Root": {"Type": "String"}, "Database": {"Type": "String"}},
        "Resources": _resources(tables),
    }


def _resources(tables: Iterable[Table]) -> dict[str, Any]:
    return {
        "".join(word.capitalize() for word in table.name.split("_")): {
            "Type": "AWS::Glue::Table",
            "Properties": {
                "CatalogId": {"Ref": "AWS::AccountId"},
                "DatabaseName": {"Ref": "Database"},
                "TableInput": _described(table),
            },
        }
        for table in tables
    }


def _described(table: Table) -> dict[str, Any]:
    grows = table.name == JOB_LOG.name
    place = f"{table.prefix}/parts" if grows else f"runs/listings/{table.name}"
    reads = f"{_PARQUET}.MapredParquetInputFormat" if grows else f"{_HIVE}.SymlinkTextInputFormat"
    return {
        "Name": table.name,
        "Description": table.meaning,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "key": ",".join(table.key)},
        "StorageDescriptor": {
            "Location": {"Fn::Sub": f"s3://${{Root}}/{place}/"},
            "InputFormat": reads,
            "OutputFormat": _WRITES,
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
            "Columns": [_column(column) for column in table.columns],
        },
    }


def _column(column: Column) -> dict[str, str]:
    return {"Name": column.name, "Type": glue_type(column.type), "Comment": column.meaning[:255]}
