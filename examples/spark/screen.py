"""Screens a table of PDF files on Apache Spark with the Python package of bankscreen.

    spark-submit --py-files examples/spark/partition.py examples/spark/screen.py \\
        --input 's3a://statements/2024/*.pdf' --output s3a://screened/2024 \\
        --first-month 2024-04 --last-month 2024-09

The wheel of bankscreen must be installed in the Python environment of every executor.

The table `files` has a row per file: the most important fields of its record (see `bankscreen
schema`) as columns, and the complete record as JSON in `record`. `duplicate_of` is the first path
with the same bytes. The table `months` has a row for each account and month without a statement.

Files are read by Spark's binary file source, so --input accepts every path that Spark can read. The
path column contains the path as Spark reports it. One process per partition screens its files from
memory. It judges every file by itself, so that the rows do not depend on the partitions; duplicates
and months are then joined over the whole table. Spark omits empty files from its tables.
"""

import argparse
import json
import sys

from partition import screen_partition
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
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


def screen(spark, files, options=None):
    """Screens a table with the columns path and content; returns a table with SCHEMA.

    The options are keyword arguments of bankscreen.Screener.
    """
    rows = files.select("path", "content").rdd.mapPartitions(screen_partition(options or {}))
    return spark.createDataFrame(rows, SCHEMA)


def with_duplicates(table):
    """Adds the column duplicate_of: the first path, in alphabetical order, with the same bytes."""
    first = F.first("path").over(Window.partitionBy("sha256").orderBy("path"))
    is_copy = F.col("sha256").isNotNull() & (first != F.col("path"))
    return table.withColumn("duplicate_of", F.when(is_copy, first))


def missing_months(table, first, last):
    """Returns the months from first to last (YYYY-MM) that no statement of an account touches."""
    is_usable = (F.col("verdict") != "fail") & F.col("account").isNotNull()
    dated = table.where(is_usable & F.col("statement_from").isNotNull())
    account = ["bank", "account"]
    months = F.sequence(F.trunc(F.to_date("statement_from"), "month"),
                        F.trunc(F.to_date("statement_to"), "month"), F.expr("interval 1 month"))
    covered = dated.select(*account, F.explode(months).alias("month")).distinct()
    requested = F.sequence(F.to_date(F.lit(f"{first}-01")), F.to_date(F.lit(f"{last}-01")),
                           F.expr("interval 1 month"))
    expected = dated.select(*account).distinct().withColumn("month", F.explode(requested))
    missing = expected.join(covered, [*account, "month"], "left_anti")
    return missing.withColumn("month", F.date_format("month", "yyyy-MM"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True, help="path or pattern of the PDF files")
    parser.add_argument("--output", required=True, help="path of the Parquet tables files and months")
    parser.add_argument("--first-month", metavar="YYYY-MM", help="first requested month")
    parser.add_argument("--last-month", metavar="YYYY-MM", help="last requested month")
    parser.add_argument("--partitions", type=int, help="number of partitions, such as the number of executor cores")
    parser.add_argument("--options", type=json.loads, default={}, metavar="JSON",
                        help='options of bankscreen.Screener, such as {"bank": "hdfc"}')
    args = parser.parse_args()
    spark = SparkSession.builder.appName("bankscreen").getOrCreate()
    files = spark.read.format("binaryFile").load(args.input)
    if args.partitions:
        files = files.repartition(args.partitions)
    table = with_duplicates(screen(spark, files, args.options)).persist()
    table.write.mode("overwrite").parquet(f"{args.output}/files")
    if args.first_month and args.last_month:
        months = missing_months(table, args.first_month, args.last_month)
        months.write.mode("overwrite").parquet(f"{args.output}/months")
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
