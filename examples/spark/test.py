"""Compares the rows of screen.py for the test files with the records of --check. Run by test.sh."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from pyspark.sql import SparkSession

from screen import SCHEMA, screen

FOLDERS = ["banks", "encrypted", "foreign", "not_statements", "pages", "structure", "traps"]


def expected(program, testdata):
    """Returns the records of --check by path."""
    records = {}
    for folder in FOLDERS:
        done = subprocess.run([program, "--check", "--format", "ndjson", testdata / folder],
                              capture_output=True, text=True)
        for line in done.stdout.splitlines():
            record = json.loads(line)
            # Spark omits empty files from its tables.
            if record["type"] == "file" and record["bytes"]:
                records[pathlib.Path(record["path"]).resolve()] = record
    return records


def comparable(codes):
    """Removes findings about other files: partitions and folders group files differently."""
    return sorted(set(codes) - {"STATEMENT_DUPLICATE", "OVERLAPPING_PERIOD"})


def main():
    program, testdata, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    spark = (SparkSession.builder.master("local[2]").appName("test")
             .config("spark.sql.warehouse.dir", work).config("spark.ui.enabled", "false")
             .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    # Makes screen.py importable on executors; spark-submit does this for its script.
    spark.sparkContext.addPyFile(str(pathlib.Path(__file__).with_name("screen.py")))
    paths = [f"file://{testdata}/{folder}" for folder in FOLDERS]
    files = spark.read.format("binaryFile").load(paths).repartition(4)
    table = screen(spark, files, program).persist()
    assert table.schema == SCHEMA, table.schema
    table.write.mode("overwrite").parquet(f"{work}/out")
    rows = {pathlib.Path(row.path.removeprefix("file:")): row
            for row in spark.read.parquet(f"{work}/out").collect()}
    records = expected(program, testdata)
    assert rows.keys() == records.keys(), rows.keys() ^ records.keys()
    for path, record in records.items():
        row, codes = rows[path], [finding["code"] for finding in record["findings"]]
        assert comparable(row.codes) == comparable(codes), (path, row.codes, codes)
        assert row.sha256 == record["sha256"], path
        assert json.loads(row.record)["pages"] == record["pages"], path
        if "STATEMENT_DUPLICATE" not in [*row.codes, *codes]:
            assert row.verdict == record["verdict"], (path, row.verdict, record["verdict"])
    failed = table.where("verdict = 'fail'").count()
    assert 0 < failed < len(rows)
    print(f"{len(rows)} rows agree with --check; {failed} files failed")
    gateway = spark.sparkContext._gateway
    spark.stop()
    # The gateway must exit before test.sh removes its folder.
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)


if __name__ == "__main__":
    main()
