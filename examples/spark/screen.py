#!/usr/bin/env python3
"""Screens a table of PDF files on Apache Spark with `bankscreen --check`.

    spark-submit --files bankscreen examples/spark/screen.py --program bankscreen \\
        --input 's3a://statements/2024/*.pdf' --output s3a://screened/2024

Rows have the fields of the record (bankscreen schema), flat where that is what a query wants, and
the whole record as JSON in `record`. Files are read as Spark's binary files, so --input is whatever
Spark can read; the path is the one that Spark knows. Each partition is written to a folder of its
executor, one process screens it, and the folder is removed. Duplicates are seen within a partition;
`sha256` finds them over all. Spark leaves files of no bytes out of its tables.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import types as T

SCHEMA = T.StructType([
    T.StructField("path", T.StringType(), False),
    T.StructField("sha256", T.StringType()),
    T.StructField("bytes", T.LongType()),
    T.StructField("verdict", T.StringType(), False),
    T.StructField("codes", T.ArrayType(T.StringType(), False), False),
    T.StructField("findings", T.ArrayType(T.StructType([
        T.StructField("code", T.StringType(), False),
        T.StructField("severity", T.StringType(), False),
        T.StructField("message", T.StringType(), False),
        T.StructField("hint", T.StringType()),
        T.StructField("pages", T.ArrayType(T.IntegerType(), False), False),
    ]), False), False),
    T.StructField("bank", T.StringType()),
    T.StructField("bank_confidence", T.DoubleType()),
    T.StructField("statement_from", T.StringType()),
    T.StructField("statement_to", T.StringType()),
    T.StructField("account", T.StringType()),
    T.StructField("page_map", T.StringType()),
    T.StructField("record", T.StringType(), False),
])

# How the program says that it was done: every file passed, or one failed.
DONE = (0, 1)


def row(path, line):
    """One record as a row of SCHEMA."""
    record = json.loads(line)
    record["path"] = path
    bank = record["bank"] or {}
    statement = record["statement"] or {}
    fields = ["code", "severity", "message", "hint", "pages"]
    return (
        path, record["sha256"], record["bytes"], record["verdict"],
        [finding["code"] for finding in record["findings"]],
        [tuple(finding[field] for field in fields) for finding in record["findings"]],
        bank.get("id"), bank.get("confidence"), statement.get("from"), statement.get("to"),
        statement.get("account"), (record["pages"] or {}).get("map"), json.dumps(record),
    )


def screen_partition(program, arguments):
    """Gives the function that screens one partition of (path, content) on an executor."""

    def screen(files):
        with tempfile.TemporaryDirectory(prefix="bankscreen-") as folder:
            paths = []
            for number, file in enumerate(files):
                # Names of ours: those of others are anything.
                with open(os.path.join(folder, f"{number:08}.pdf"), "wb") as out:
                    out.write(file["content"])
                paths.append(file["path"])
            if not paths:
                return
            names = "\n".join(f"{number:08}.pdf" for number in range(len(paths)))
            where = program if os.path.sep in program else SparkFiles.get(program)
            done = subprocess.run(
                [where, "--check", "--jobs", "1", "--format", "ndjson", *arguments,
                 "--files-from", "-"],
                input=names, capture_output=True, text=True, cwd=folder)
            if done.returncode not in DONE:
                raise RuntimeError(f"bankscreen ended with {done.returncode}: {done.stderr}")
            lines = [line for line in done.stdout.splitlines() if '"type":"file"' in line]
            if len(lines) != len(paths):
                raise RuntimeError(f"{len(lines)} records for {len(paths)} files: {done.stderr}")
            # Records come in the order of the names.
            yield from map(row, paths, lines)

    return screen


def screen(spark, files, program, arguments=()):
    """Screens a table with the columns path and content, and gives one with SCHEMA."""
    rows = files.select("path", "content").rdd.mapPartitions(
        screen_partition(program, list(arguments)))
    return spark.createDataFrame(rows, SCHEMA)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True,
                        help="a path that every executor has, or the name of one of --files")
    parser.add_argument("--input", required=True, help="files, as Spark names them")
    parser.add_argument("--output", required=True, help="where rows go, as Parquet")
    parser.add_argument("--partitions", type=int, help="as many as there are executors' cores")
    parser.add_argument("arguments", nargs="*", help="flags for --check, behind --")
    typed = parser.parse_args()
    spark = SparkSession.builder.appName("bankscreen").getOrCreate()
    files = spark.read.format("binaryFile").load(typed.input)
    if typed.partitions:
        files = files.repartition(typed.partitions)
    screen(spark, files, typed.program, typed.arguments).write.mode("overwrite").parquet(typed.output)
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
