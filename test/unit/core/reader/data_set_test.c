/* data_set_test.c - ItemReader fields, inventories and Athena's manifests as what is to be read. */
#include "core/reader/data_set.h"
#include "test.h"

static bool parse(const char *config, const char *resource, DataSet *out, Error *err)
{
    Json v;
    Str text = str_printf(test_arena(),
                          "{\"Resource\":\"arn:aws:states:::s3:%s\",\"ReaderConfig\":%s,"
                          "\"Parameters\":{\"Bucket\":\"b\",\"Key\":\"k\",\"Prefix\":\"p/\"}}",
                          resource, config);
    ok(json_parse(text, test_arena(), &v, err));
    return data_set_parse(&v, test_arena(), out, err);
}

static DataSet good(const char *config, const char *resource)
{
    DataSet set = {0};
    Error err = {0};
    ok(parse(config, resource, &set, &err));
    return set;
}

static Str refused(const char *config)
{
    DataSet set;
    Error err = {0};
    ok(!parse(config, "getObject", &set, &err));
    return str_copy(test_arena(), error_text(&err));
}

TEST(data_set_kinds)
{
    eq_int(good("{}", "listObjectsV2").kind, DATA_LIST);
    eq_int(good("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"FIRST_ROW\",\"Transformation\":"
                "\"LOAD_AND_FLATTEN\"}",
                "listObjectsV2")
               .kind,
           DATA_FLATTENED);
    eq_int(good("{\"InputType\":\"MANIFEST\"}", "getObject").kind, DATA_INVENTORY);
    eq_int(good("{\"ManifestType\":\"S3_INVENTORY\"}", "getObject").kind, DATA_INVENTORY);
    eq_int(good("{\"ManifestType\":\"ATHENA_DATA\",\"InputType\":\"JSONL\"}", "getObject").kind,
           DATA_ATHENA);
    DataSet set =
        good("{\"InputType\":\"JSON\",\"ItemsPointer\":\"/a\",\"MaxItems\":7}", "getObject");
    eq_str(set.config.items_pointer, S("/a"));
    eq_int(set.items_max, 7);
    ok(good("{\"InputType\":\"PARQUET\"}", "getObject").parquet);
}

TEST(data_set_refusals)
{
    eq_str(refused("{\"InputType\":\"XML\"}"), S("The InputType cannot be read here: 'XML'"));
    eq_str(refused("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"LAST\"}"),
           S("The CSVHeaderLocation is neither FIRST_ROW nor GIVEN: 'LAST'"));
    eq_str(refused("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"GIVEN\"}"),
           S("CSVHeaders has no names for CSVHeaderLocation: 'GIVEN'"));
    eq_str(refused("{\"InputType\":\"CSV\",\"CSVDelimiter\":\"DOT\"}"),
           S("The CSVDelimiter is none: 'DOT'"));
    eq_str(refused("{\"InputType\":\"JSON\",\"MaxItems\":-1}"),
           S("MaxItems is not a whole number from 0: '-1'"));
}

static Str objects(DataSet *set, const char *manifest)
{
    DataObjects found = {0};
    Error err = {0};
    Buf out = {.a = test_arena()};
    if (!data_set_manifest(set, str_from(manifest), test_arena(), &found, &err))
        buf_printf(&out, "! %s", err.text);
    for (int64_t i = 0; i < found.n && !err.code; i++)
        buf_printf(&out, "%.*s:%.*s ", STR(found.p[i].bucket), STR(found.p[i].key));
    return buf_str(&out);
}

TEST(data_set_manifests)
{
    DataSet set = good("{\"InputType\":\"MANIFEST\"}", "getObject");
    eq_str(objects(&set, "{\"destinationBucket\":\"arn:aws:s3:::d\",\"fileFormat\":\"CSV\","
                         "\"fileSchema\":\"Bucket, Key\",\"files\":[{\"key\":\"x.csv.gz\"}]}"),
           S("d:x.csv.gz "));
    eq_int(set.config.headers_n, 2);
    eq_str(set.config.headers[1], S("Key"));
    eq_str(objects(&set, "{\"fileFormat\":\"ORC\"}"),
           S("! The inventory's fileFormat is not CSV: 'ORC'"));
    set = good("{\"ManifestType\":\"ATHENA_DATA\",\"InputType\":\"JSONL\"}", "getObject");
    eq_str(objects(&set, "s3://b/a/1\n\"s3://b/2\"\r\n\n"), S("b:a/1 b:2 "));
    eq_str(objects(&set, "http://b/a"),
           S("! A line of the manifest is no s3:// address: 'http://b/a'"));
}
