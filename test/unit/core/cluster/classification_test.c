/* classification_test.c - Configurations in, files out; and what is refused, with its place. */
#include "core/cluster/classification.h"
#include "test.h"

static Json parse(const char *text)
{
    Json v = {0};
    Error err;
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static Str file(const ClassificationOutput *out, Str name)
{
    for (int64_t i = 0; i < out->files.n; i++)
        if (str_eq(out->files.p[i].name, name)) return out->files.p[i].content;
    return (Str){0};
}

TEST(classification_layers_merge_in_order)
{
    ClassificationRow defaults[] = {
        {S("spark-defaults"), S("spark.driver.memory"), S("2g")},
        {S("spark-defaults"), S("spark.sql.shuffle.partitions"), S("8")}};
    ClassificationRow wins[] = {
        {S("spark-defaults"), S("spark.hadoop.fs.s3a.endpoint"), S("http://127.0.0.1:1")}};
    Json c = parse(
        "[{\"Classification\":\"spark-defaults\",\"Properties\":{\"spark.driver.memory\":\"5g\","
        "\"spark.hadoop.fs.s3a.endpoint\":\"http://evil\",\"x\":\" a\\\\b\\nc\"}}]");
    ClassificationOutput out;
    Error err;
    ok(classification_files(&c, defaults, 2, wins, 1, test_arena(), &out, &err));
    eq_int(out.files.n, 1);
    eq_str(file(&out, S("spark-defaults.conf")),
           S("spark.driver.memory 5g\nspark.sql.shuffle.partitions 8\nspark.hadoop.fs.s3a.endpoint "
             "http://127.0.0.1:1\n"
             "x \\ a\\\\b\\nc\n"));
}

TEST(classification_env_and_xml)
{
    Json c =
        parse("[{\"Classification\":\"spark-env\",\"Properties\":{},\"Configurations\":[{"
              "\"Classification\":\"export\","
              "\"Properties\":{\"PYSPARK_PYTHON\":\"/usr/bin/python3\",\"OPTS\":\"-Da=1 "
              "-Db=2\",\"Q\":\"\\\"x y\\\"\","
              "\"P\":\"$PATH:/x\"}}]},"
              "{\"Classification\":\"spark-hive-site\",\"Properties\":{\"k\":\"v\"}},"
              "{\"Classification\":\"hive-site\",\"Properties\":{\"k\":\"of hive\",\"a<b\":\"x & "
              "\\\"y\\\" </value>\"}},"
              "{\"Classification\":\"container-executor\",\"Configurations\":[{\"Classification\":"
              "\"docker\",\"Properties\":{\"a.b\":\"c\"}}]},"
              "{\"Classification\":\"emrfs-site\",\"Properties\":{\"fs.s3.consistent\":\"true\"}},"
              "{\"Classification\":\"presto-config\",\"Properties\":{}}]");
    ClassificationOutput out;
    Error err;
    ok(classification_files(&c, NULL, 0, NULL, 0, test_arena(), &out, &err));
    eq_str(file(&out, S("spark-env.sh")),
           S("export PYSPARK_PYTHON=/usr/bin/python3\nexport OPTS=\"-Da=1 -Db=2\"\n"
             "export Q=\"x y\"\nexport P=$PATH:/x\n"));
    eq_str(file(&out, S("hive-site.xml")),
           S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n"
             "  <property><name>k</name><value>v</value></property>\n"
             "  <property><name>a&lt;b</name><value>x &amp; \"y\" "
             "&lt;/value&gt;</value></property>\n</configuration>\n"));
    eq_int(out.files.n, 2);
    eq_int(out.notes.n, 3);
    ok(str_starts(out.notes.p[0], S("container-executor: ignored")));
    ok(str_starts(out.notes.p[1], S("emrfs-site: ignored")));
    ok(str_starts(out.notes.p[2], S("presto-config: ignored")));
}

TEST(classification_refuses_what_is_malformed_and_says_where)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"{}", "Configurations must be a list"},
        {"[3]", "Configurations[0] must be an object"},
        {"[{\"Properties\":{}}]", "Configurations[0]: Classification must not be empty"},
        {"[{\"Classification\":\"core-site\",\"Properties\":{\"a\":1}}]",
         "Configurations[0].Properties.a must be a string"},
        {"[{\"Classification\":\"core-site\",\"Properties\":[]}]",
         "Configurations[0].Properties must be a map of strings"},
        {"[{\"Classification\":\"core-site\"},{\"Classification\":\"core-site\"}]",
         "Configurations[1]: classification 'core-site' is given more than once"},
        {"[{\"Classification\":\"spark-env\",\"Properties\":{\"A\":\"b\"}}]",
         "Configurations[0]: properties of 'spark-env' belong into a nested classification "
         "'export'"},
        {"[{\"Classification\":\"core-site\",\"Configurations\":[{\"Classification\":\"export\"}]}"
         "]",
         "Configurations[0].Configurations[0]: classification 'export' cannot be nested in "
         "'core-site'; only 'export' in an "
         "-env classification can"},
        {"[{\"Classification\":\"x-env\",\"Configurations\":[{\"Classification\":\"export\","
         "\"Properties\":{\"A;rm\":\"b\"}}]}]",
         "Configurations[0].Configurations[0].Properties.A;rm is not the name of an environment "
         "variable"},
        {"[{\"Classification\":\"x-env\",\"Configurations\":[{\"Classification\":\"export\","
         "\"Properties\":{\"A\":\"b\\nc\"}}]}]",
         "Configurations[0].Configurations[0].Properties.A must be one line"},
        {"[{\"Classification\":\"core-site\",\"Properties\":{\"a\":\"\\u0001\"}}]",
         "Configurations[0].Properties.a contains a control character"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Json c = parse(cases[i].json);
        Error err = {0};
        ok(!classification_check(&c, test_arena(), &err));
        eq_str(error_text(&err), str_from(cases[i].want));
        eq_int(err.code, ERR_VALIDATION);
    }
    Error err;
    ok(classification_check(NULL, test_arena(), &err));
}
