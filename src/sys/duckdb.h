/* duckdb.h - DuckDB by its C API, loaded when it is wanted: only in a worker, never in the server. */
#pragma once
#include "base/error.h"

/* `library`: its path, for where the system has none. The file behind `in` is Parquet; its first
 * rows (`limit`, a decimal number) go to `out`, one JSON object a line, in their order. DuckDB may
 * open nothing but that file. ERR_VALIDATION with DuckDB's words. */
must_use bool duckdb_parquet_to_lines(const char *library, const char *limit, int in, int out,
                                      Error *err);
