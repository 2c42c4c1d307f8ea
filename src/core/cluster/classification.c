/* classification.c - checks Configurations and writes the files Spark, Hadoop and Hive read. */
#include "core/cluster/classification.h"

enum { CLASSIFICATIONS_MAX = 100, PROPERTIES_MAX = 2000 };

typedef enum Format { AS_PROPERTIES, AS_XML, AS_ENV, AS_LOG4J, AS_NOTHING } Format;

static const struct Kind {
    const char *name, *file;
    Format format;
    const char *why; /* a note for the user; NULL: none */
} kinds[] = {
    {"spark-defaults", "spark-defaults.conf", AS_PROPERTIES, NULL},
    {"spark-env", "spark-env.sh", AS_ENV, NULL},
    {"spark-log4j2", "log4j2.properties", AS_LOG4J, NULL},
    {"spark-log4j", "log4j2.properties", AS_LOG4J, NULL},
    {"spark-metrics", "metrics.properties", AS_PROPERTIES, NULL},
    {"spark-hive-site", "hive-site.xml", AS_XML, NULL},
    {"hive-site", "hive-site.xml", AS_XML, NULL},
    {"core-site", "core-site.xml", AS_XML, NULL},
    {"hdfs-site", "hdfs-site.xml", AS_XML, NULL},
    {"mapred-site", "mapred-site.xml", AS_XML, NULL},
    {"yarn-site", "yarn-site.xml", AS_XML, "written, but this cluster has no YARN"},
    {"capacity-scheduler", "capacity-scheduler.xml", AS_XML,
     "written; who may start is decided by Mayfly's own queues"},
    {"hadoop-env", "hadoop-env.sh", AS_ENV, NULL},
    {"yarn-env", "yarn-env.sh", AS_ENV, "written, but this cluster has no YARN"},
    {"mapred-env", "mapred-env.sh", AS_ENV, NULL},
    {"hive-env", "hive-env.sh", AS_ENV, NULL},
    {"spark", "", AS_NOTHING,
     "ignored: every step has all cores and memory of its share of this machine"},
    {"emrfs-site", "", AS_NOTHING,
     "ignored: s3:// goes through Hadoop's S3A; use core-site with fs.s3a.* keys"},
    {"delta-defaults", "", AS_NOTHING, "ignored: put the Delta Lake packages into spark-defaults"},
    {"iceberg-defaults", "", AS_NOTHING, "ignored: put the Iceberg packages into spark-defaults"},
};

typedef struct Entry {
    const struct Kind *kind;
    Str key, value;
} Entry;

typedef struct Merge {
    Arena *a;
    Error *err;
    ClassificationOutput *out;
    struct {
        Entry *p;
        int64_t n, cap;
    } entries;
} Merge;

static const struct Kind *kind_of(Str name)
{
    for (int i = 0; i < countof(kinds); i++)
        if (str_eq(name, str_from(kinds[i].name))) return &kinds[i];
    return NULL;
}

/* Files are merged by file and key: spark-hive-site and hive-site speak of the same one. */
static void put(Merge *m, const struct Kind *kind, Str key, Str value)
{
    for (int64_t i = 0; i < m->entries.n; i++) {
        Entry *e = &m->entries.p[i];
        if (strcmp(e->kind->file, kind->file) != 0 || !str_eq(e->key, key)) continue;
        e->value = value;
        return;
    }
    *vec_push(m->a, &m->entries) = (Entry){kind, key, value};
}

static bool is_identifier(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return s.n > 0;
}

static bool has_control(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
            return true;
    return false;
}

static bool check_property(Merge *m, const JsonMember *p, Str at, bool env)
{
    if (!json_is(&p->value, JSON_STRING))
        return error_set(m->err, ERR_VALIDATION, "%.*s.Properties.%.*s must be a string", STR(at),
                         STR(p->key));
    if (p->key.n == 0)
        return error_set(m->err, ERR_VALIDATION, "%.*s.Properties has an empty key", STR(at));
    if (has_control(p->key) || has_control(json_text(&p->value)))
        return error_set(m->err, ERR_VALIDATION,
                         "%.*s.Properties.%.*s contains a control character", STR(at), STR(p->key));
    if (!env) return true;
    if (!is_identifier(p->key))
        return error_set(m->err, ERR_VALIDATION,
                         "%.*s.Properties.%.*s is not the name of an environment variable", STR(at),
                         STR(p->key));
    if (str_find_char(json_text(&p->value), '\n') >= 0)
        return error_set(m->err, ERR_VALIDATION, "%.*s.Properties.%.*s must be one line", STR(at),
                         STR(p->key));
    return true;
}

static bool take_properties(Merge *m, const Json *properties, const struct Kind *kind, Str at,
                            bool env)
{
    if (!properties || properties->type == JSON_NULL) return true;
    if (!json_is(properties, JSON_OBJECT))
        return error_set(m->err, ERR_VALIDATION, "%.*s.Properties must be a map of strings",
                         STR(at));
    if (properties->n > PROPERTIES_MAX)
        return error_set(m->err, ERR_VALIDATION, "%.*s.Properties has more than %d entries",
                         STR(at), PROPERTIES_MAX);
    for (int32_t i = 0; i < properties->n; i++) {
        const JsonMember *p = &properties->members[i];
        if (!check_property(m, p, at, env)) return false;
        if (kind && kind->format != AS_NOTHING) put(m, kind, p->key, json_text(&p->value));
    }
    return true;
}

/* An -env classification holds its variables in one nested classification: export. */
static bool take_nested(Merge *m, const Json *nested, const struct Kind *kind, Str name, Str at)
{
    bool env = str_ends(name, S("-env"));
    if (!nested || nested->type == JSON_NULL) return true;
    if (!json_is(nested, JSON_ARRAY))
        return error_set(m->err, ERR_VALIDATION, "%.*s.Configurations must be a list", STR(at));
    for (int32_t i = 0; i < nested->n; i++) {
        const Json *item = json_at(nested, i);
        Str inner = str_printf(m->a, "%.*s.Configurations[%d]", STR(at), (int)i);
        Str inner_name = json_text(json_get(item, S("Classification")));
        bool variables = env && str_eq(inner_name, S("export"));
        if (kind && !variables)
            return error_set(m->err, ERR_VALIDATION,
                             "%.*s: classification '%.*s' cannot be nested in '%.*s'; only "
                             "'export' in an -env classification can",
                             STR(inner), STR(inner_name), STR(name));
        if (json_count(json_get(item, S("Configurations"))) > 0)
            return error_set(m->err, ERR_VALIDATION, "%.*s.Configurations must be empty",
                             STR(inner));
        if (!take_properties(m, json_get(item, S("Properties")), kind, inner, variables))
            return false;
    }
    return true;
}

static void note(Merge *m, Str name, const struct Kind *kind)
{
    if (!kind)
        *vec_push(m->a, &m->out->notes) = str_printf(
            m->a, "%.*s: ignored, this application is not part of the cluster", STR(name));
    else if (kind->why)
        *vec_push(m->a, &m->out->notes) = str_printf(m->a, "%.*s: %s", STR(name), kind->why);
}

static bool take_one(Merge *m, const Json *item, Str at, bool late)
{
    Str name = json_text(json_get(item, S("Classification")));
    if (late != str_eq(name, S("spark-hive-site"))) return true;
    if (!json_is(item, JSON_OBJECT))
        return error_set(m->err, ERR_VALIDATION, "%.*s must be an object", STR(at));
    if (!name.n)
        return error_set(m->err, ERR_VALIDATION, "%.*s: Classification must not be empty", STR(at));
    const struct Kind *kind = kind_of(name);
    const Json *properties = json_get(item, S("Properties"));
    if (str_ends(name, S("-env")) && json_count(properties) > 0)
        return error_set(m->err, ERR_VALIDATION,
                         "%.*s: properties of '%.*s' belong into a nested classification 'export'",
                         STR(at), STR(name));
    note(m, name, kind);
    return take_properties(m, properties, kind, at, false) &&
           take_nested(m, json_get(item, S("Configurations")), kind, name, at);
}

static bool twice(const Json *list, int32_t i)
{
    Str name = json_text(json_get(json_at(list, i), S("Classification")));
    for (int32_t k = 0; k < i; k++)
        if (str_eq(name, json_text(json_get(json_at(list, k), S("Classification"))))) return true;
    return false;
}

/* spark-hive-site comes last: what it says about Hive is meant for Spark. */
static bool take_items(Merge *m, const Json *list, bool late)
{
    for (int32_t i = 0; i < list->n; i++) {
        Str at = str_printf(m->a, "Configurations[%d]", (int)i);
        if (!take_one(m, json_at(list, i), at, late)) return false;
        if (twice(list, i))
            return error_set(m->err, ERR_VALIDATION,
                             "%.*s: classification '%.*s' is given more than once", STR(at),
                             STR(json_text(json_get(json_at(list, i), S("Classification")))));
    }
    return true;
}

static bool take_all(Merge *m, const Json *list)
{
    if (!list || list->type == JSON_NULL) return true;
    if (!json_is(list, JSON_ARRAY))
        return error_set(m->err, ERR_VALIDATION, "Configurations must be a list");
    if (list->n > CLASSIFICATIONS_MAX)
        return error_set(m->err, ERR_VALIDATION, "Configurations has more than %d classifications",
                         CLASSIFICATIONS_MAX);
    return take_items(m, list, false) && take_items(m, list, true);
}

static void rows(Merge *m, const ClassificationRow *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const struct Kind *kind = kind_of(row[i].classification);
        check(kind && kind->format != AS_NOTHING);
        put(m, kind, row[i].key, row[i].value);
    }
}

/* java.util.Properties: a backslash, a line end, and in a key what would end it, are escaped. */
static void write_escaped(Buf *b, Str s, bool key)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool blank = c == ' ' && (key || i == 0);
        bool special = key && (c == '=' || c == ':' || ((c == '#' || c == '!') && i == 0));
        if (c == '\n')
            buf_put(b, S("\\n"));
        else if (c == '\r')
            buf_put(b, S("\\r"));
        else if (c == '\t')
            buf_put(b, S("\\t"));
        else if (c == '\\' || blank || special)
            buf_printf(b, "\\%c", c);
        else
            buf_putc(b, c);
    }
}

static void write_xml_text(Buf *b, Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<': buf_put(b, S("&lt;")); break;
        case '>': buf_put(b, S("&gt;")); break;
        case '&': buf_put(b, S("&amp;")); break;
        case '\r': buf_put(b, S("&#13;")); break;
        default: buf_putc(b, s.p[i]);
        }
    }
}

static Str shell_value(Arena *a, Str value)
{
    bool blank = str_find_char(value, ' ') >= 0 || str_find_char(value, '\t') >= 0;
    bool quoted = str_find_char(value, '"') >= 0 || str_find_char(value, '\'') >= 0 ||
                  str_find_char(value, '\\') >= 0;
    return blank && !quoted ? str_printf(a, "\"%.*s\"", STR(value)) : value;
}

static void write_entry(Buf *b, const Entry *e)
{
    switch (e->kind->format) {
    case AS_PROPERTIES:
    case AS_LOG4J:
        write_escaped(b, e->key, true);
        buf_putc(b, e->kind->format == AS_LOG4J ? '=' : ' ');
        write_escaped(b, e->value, false);
        buf_putc(b, '\n');
        return;
    case AS_ENV:
        buf_printf(b, "export %.*s=%.*s\n", STR(e->key), STR(shell_value(b->a, e->value)));
        return;
    case AS_XML:
        buf_put(b, S("  <property><name>"));
        write_xml_text(b, e->key);
        buf_put(b, S("</name><value>"));
        write_xml_text(b, e->value);
        buf_put(b, S("</value></property>\n"));
        return;
    case AS_NOTHING: break;
    }
    unreachable();
}

static Str write_file(const Merge *m, const struct Kind *kind)
{
    Buf b = {.a = m->a};
    bool xml = kind->format == AS_XML;
    if (xml) buf_put(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n"));
    for (int64_t i = 0; i < m->entries.n; i++)
        if (!strcmp(m->entries.p[i].kind->file, kind->file)) write_entry(&b, &m->entries.p[i]);
    if (xml) buf_put(&b, S("</configuration>\n"));
    return buf_str(&b);
}

static void write_files(Merge *m)
{
    for (int64_t i = 0; i < m->entries.n; i++) {
        const struct Kind *kind = m->entries.p[i].kind;
        bool done = false;
        for (int64_t k = 0; k < m->out->files.n; k++)
            done |= str_eq(m->out->files.p[k].name, str_from(kind->file));
        if (done) continue;
        Str content = write_file(m, kind);
        *vec_push(m->a, &m->out->files) = (ClassificationFile){str_from(kind->file), content};
    }
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const ClassificationFile *)x)->name, ((const ClassificationFile *)y)->name);
}

bool classification_files(const Json *configurations, const ClassificationRow *defaults,
                          int64_t defaults_n, const ClassificationRow *wins, int64_t wins_n,
                          Arena *a, ClassificationOutput *out, Error *err)
{
    ClassificationOutput made = {0};
    Merge m = {.a = a, .err = err, .out = &made};
    rows(&m, defaults, defaults_n);
    if (!take_all(&m, configurations)) return false;
    rows(&m, wins, wins_n);
    write_files(&m);
    if (made.files.n) qsort(made.files.p, (size_t)made.files.n, sizeof *made.files.p, by_name);
    *out = made;
    return true;
}

bool classification_check(const Json *configurations, Arena *a, Error *err)
{
    ClassificationOutput unused;
    return classification_files(configurations, NULL, 0, NULL, 0, a, &unused, err);
}
