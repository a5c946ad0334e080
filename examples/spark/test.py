"""Compares the rows of screen.py for the test files with the records of --check. Run by test.sh."""

import json
import pathlib
import sys

import bankscreen

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from pyspark.sql import SparkSession

from screen import SCHEMA, missing_months, screen, with_duplicates

FOLDERS = ["banks", "encrypted", "foreign", "not_statements", "pages", "structure", "traps"]


def expected(testdata):
    """Returns the records of --check by path."""
    folders = [testdata / folder for folder in FOLDERS]
    # Spark omits empty files from its tables.
    return {pathlib.Path(record["path"]): record
            for record in bankscreen.check(folders, files_only=True) if record["bytes"]}


def contents(table):
    """Returns the rows of a table as comparable values."""
    return sorted(map(repr, table.collect()))


def main():
    testdata, work = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    spark = (SparkSession.builder.master("local[2]").appName("test")
             .config("spark.sql.warehouse.dir", work).config("spark.ui.enabled", "false")
             .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    # As --py-files of spark-submit does.
    spark.sparkContext.addPyFile(str(pathlib.Path(__file__).with_name("partition.py")))
    paths = [f"file://{testdata}/{folder}" for folder in FOLDERS]
    files = spark.read.format("binaryFile").load(paths).repartition(4)
    table = screen(spark, files).persist()
    assert table.schema == SCHEMA, table.schema
    table.write.mode("overwrite").parquet(f"{work}/out")
    rows = {pathlib.Path(row.path.removeprefix("file:")): row
            for row in spark.read.parquet(f"{work}/out").collect()}
    records = expected(testdata)
    assert rows.keys() == records.keys(), rows.keys() ^ records.keys()
    for path, record in records.items():
        screened = json.loads(rows[path].record)
        # The table has the path as Spark reports it.
        assert screened | {"path": record["path"]} == record, path
        assert rows[path].verdict == record["verdict"], path
    for partitions in (1, 8):
        other = screen(spark, files.repartition(partitions))
        assert contents(other) == contents(table), f"{partitions} partitions"
    copies = with_duplicates(table).where("duplicate_of is not null").collect()
    hashes = [row.sha256 for row in rows.values()]
    assert len(copies) == len(hashes) - len(set(hashes)), copies
    months = missing_months(table, "2024-01", "2024-12").collect()
    # The statement of banks/hdfc.pdf covers April to June.
    missing = sorted(row.month for row in months if row.account.endswith("3645"))
    assert missing == [f"2024-{month:02}" for month in (1, 2, 3, 7, 8, 9, 10, 11, 12)], missing
    failed = table.where("verdict = 'fail'").count()
    assert 0 < failed < len(rows)
    print(f"{len(rows)} rows agree with --check, also in 1 and 8 partitions; {failed} files failed,"
          f" {len(copies)} are copies, {len(months)} months of accounts are missing")
    gateway = spark.sparkContext._gateway
    spark.stop()
    # The gateway must exit before test.sh removes its folder.
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)


if __name__ == "__main__":
    main()
