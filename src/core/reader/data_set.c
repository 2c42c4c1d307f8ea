/* data_set.c - ItemReader's fields and the manifests they lead to, as values. */
#include "core/reader/data_set.h"

static bool wrong(Error *err, const char *what, Str value)
{
    return error_set(err, ERR_VALIDATION, "%s: '%.*s'", what, STR(value));
}

static Str text(const Json *object, const char *name)
{
    return json_text(json_get(object, str_from(name)));
}

static bool format_named(Str name, DataSet *out, Error *err)
{
    static const struct {
        Str name;
        ReaderFormat format;
    } formats[] = {
        {STR_INIT("JSON"), READER_JSON},
        {STR_INIT("JSONL"), READER_JSONL},
        {STR_INIT("CSV"), READER_CSV},
    };
    out->parquet = str_eq(name, S("PARQUET"));
    for (int i = 0; i < countof(formats); i++)
        if (str_eq(name, formats[i].name)) return out->config.format = formats[i].format, true;
    return out->parquet || wrong(err, "The InputType cannot be read here", name);
}

static bool delimiter_named(Str name, char *out, Error *err)
{
    static const struct {
        Str name;
        char delimiter;
    } delimiters[] = {
        {STR_INIT("COMMA"), ','}, {STR_INIT("PIPE"), '|'}, {STR_INIT("SEMICOLON"), ';'},
        {STR_INIT("SPACE"), ' '}, {STR_INIT("TAB"), '\t'},
    };
    *out = ',';
    if (str_absent(name)) return true;
    for (int i = 0; i < countof(delimiters); i++)
        if (str_eq(name, delimiters[i].name)) return *out = delimiters[i].delimiter, true;
    return wrong(err, "The CSVDelimiter is none", name);
}

static bool header(const Json *config, Arena *a, DataSet *out, Error *err)
{
    Str location = text(config, "CSVHeaderLocation");
    const Json *given = json_get(config, S("CSVHeaders"));
    if (out->parquet || out->config.format != READER_CSV || out->kind == DATA_INVENTORY)
        return true;
    if (!delimiter_named(text(config, "CSVDelimiter"), &out->config.delimiter, err)) return false;
    if (str_eq(location, S("FIRST_ROW"))) return true;
    if (!str_eq(location, S("GIVEN")))
        return wrong(err, "The CSVHeaderLocation is neither FIRST_ROW nor GIVEN", location);
    if (!json_count(given) || !json_is(given, JSON_ARRAY))
        return wrong(err, "CSVHeaders has no names for CSVHeaderLocation", location);
    Str *names = new_array(a, Str, given->n);
    for (int32_t i = 0; i < given->n; i++) names[i] = json_text(&given->items[i]);
    out->config.headers = names;
    out->config.headers_n = given->n;
    return true;
}

static bool kind(const Json *config, bool list, DataSet *out, Error *err)
{
    Str transformation = text(config, "Transformation"), type = text(config, "InputType");
    Str manifest = text(config, "ManifestType");
    bool load = str_eq(transformation, S("LOAD_AND_FLATTEN"));
    if (list) {
        out->kind = load ? DATA_FLATTENED : DATA_LIST;
        return !load || format_named(type, out, err);
    }
    out->kind = str_eq(manifest, S("ATHENA_DATA")) ? DATA_ATHENA : DATA_OBJECT;
    bool inventory = str_eq(manifest, S("S3_INVENTORY")) || str_eq(type, S("MANIFEST"));
    if (out->kind == DATA_ATHENA || !inventory) return format_named(type, out, err);
    out->kind = DATA_INVENTORY;
    out->config.format = READER_CSV;
    out->config.delimiter = ',';
    return true;
}

static bool items_max(const Json *config, int64_t *out, Error *err)
{
    const Json *given = json_get(config, S("MaxItems"));
    *out = DATA_SET_ITEMS_MAX;
    if (!given || given->type == JSON_NULL) return true;
    if (!json_to_int(given, out) || *out < 0)
        return wrong(err, "MaxItems is not a whole number from 0", json_text(given));
    if (*out == 0 || *out > DATA_SET_ITEMS_MAX) *out = DATA_SET_ITEMS_MAX;
    return true;
}

bool data_set_parse(const Json *reader, Arena *a, DataSet *out, Error *err)
{
    const Json *config = json_get(reader, S("ReaderConfig"));
    const Json *where = json_get(reader, S("Parameters"));
    Str resource = text(reader, "Resource");
    bool list = str_ends(resource, S(":s3:listObjectsV2"));
    if (!where) where = json_get(reader, S("Arguments"));
    *out = (DataSet){.bucket = text(where, "Bucket"),
                     .key = text(where, "Key"),
                     .version = text(where, "VersionId"),
                     .prefix = text(where, "Prefix"),
                     .start_after = text(where, "StartAfter"),
                     .owner = text(where, "ExpectedBucketOwner")};
    out->config.items_pointer = text(config, "ItemsPointer");
    if (!list && !str_ends(resource, S(":s3:getObject")))
        return wrong(err, "The Resource cannot be read", resource);
    if (!out->bucket.n) return wrong(err, "The Bucket has no name", out->bucket);
    if (!list && !out->key.n) return wrong(err, "The Key has no name", out->key);
    return kind(config, list, out, err) && header(config, a, out, err) &&
           items_max(config, &out->items_max, err);
}

/* ---- manifests ---- */

static Str bucket_of_arn(Str arn)
{
    return str_starts(arn, S("arn:")) ? str_slice(arn, str_rfind_char(arn, ':') + 1, arn.n) : arn;
}

static void schema(DataSet *set, Str names, Arena *a)
{
    StrVec headers = {0};
    Str name;
    while (str_cut(&names, ',', &name)) *vec_push(a, &headers) = str_trim(name);
    set->config.headers = headers.p;
    set->config.headers_n = headers.n;
}

static bool inventory(DataSet *set, Str manifest, Arena *a, DataObjects *out, Error *err)
{
    Json v;
    if (!json_parse(manifest, a, &v, err)) return false;
    Str bucket = bucket_of_arn(text(&v, "destinationBucket"));
    const Json *files = json_get(&v, S("files"));
    if (!str_eq(text(&v, "fileFormat"), S("CSV")))
        return wrong(err, "The inventory's fileFormat is not CSV", text(&v, "fileFormat"));
    schema(set, text(&v, "fileSchema"), a);
    if (!bucket.n || !set->config.headers_n || !json_is(files, JSON_ARRAY))
        return error_set(err, ERR_VALIDATION,
                         "The manifest lacks destinationBucket, fileSchema or files");
    for (int32_t i = 0; i < files->n; i++)
        *vec_push(a, out) = (DataObject){bucket, text(&files->items[i], "key")};
    return true;
}

static bool athena(Str manifest, Arena *a, DataObjects *out, Error *err)
{
    Str line, bucket;
    while (str_cut(&manifest, '\n', &line)) {
        line = str_trim(line);
        if (line.n >= 2 && line.p[0] == '"') line = str_slice(line, 1, line.n - 1);
        if (!line.n) continue;
        Str key = str_slice(line, 5, line.n);
        if (!str_starts(line, S("s3://")) || !str_cut(&key, '/', &bucket) || !key.n)
            return wrong(err, "A line of the manifest is no s3:// address", line);
        *vec_push(a, out) = (DataObject){bucket, key};
    }
    return true;
}

bool data_set_manifest(DataSet *set, Str manifest, Arena *a, DataObjects *out, Error *err)
{
    check(set->kind == DATA_INVENTORY || set->kind == DATA_ATHENA);
    return set->kind == DATA_INVENTORY ? inventory(set, manifest, a, out, err)
                                       : athena(manifest, a, out, err);
}

DataCompression data_set_compression(Str key)
{
    if (str_ends(key, S(".gz")) || str_ends(key, S(".gzip"))) return DATA_GZIP;
    return str_ends(key, S(".zst")) || str_ends(key, S(".zstd")) ? DATA_ZSTD : DATA_PLAIN;
}
