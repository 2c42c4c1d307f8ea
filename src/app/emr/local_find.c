/* local_find.c - looks for what Spark needs: a configured place first, then .deps/, then the system. */
#include "app/emr/local.h"

#define JVM_FOLDER S("/usr/lib/jvm")
/* Of steps: the same wherever the server was started from. */
#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define INSTALL     "run `tools/setup run` in Mayfly's folder"

static bool is_there(Folder *f, Str path)
{
    FileInfo info;
    Error err = {0};
    return file_info(f, path, &info, &err);
}

/* `root` is absolute; absent when there is no such file below it. */
static Str below(Arena *a, Str root, Str path)
{
    Folder *f;
    Error err = {0};
    Str found = {0};
    if (!root.n || !folder_open(root, false, &f, &err)) return found;
    if (is_there(f, path)) found = str_printf(a, "%.*s/%.*s", STR(root), STR(path));
    folder_close(f);
    return found;
}

/* The first entry of root/path that starts with `prefix` and contains `file`. */
static Str first_with(Arena *a, Str root, Str path, Str prefix, Str file)
{
    Folder *f;
    Error err = {0};
    StrVec names = {0};
    Str found = {0};
    if (!root.n || !folder_open(root, false, &f, &err)) return found;
    if (folder_list(f, path, a, &names, &err))
        for (int64_t i = 0; i < names.n && !found.n; i++) {
            Str entry =
                path.n ? str_printf(a, "%.*s/%.*s", STR(path), STR(names.p[i])) : names.p[i];
            if (str_starts(names.p[i], prefix) &&
                is_there(f, str_printf(a, "%.*s/%.*s", STR(entry), STR(file))))
                found = str_printf(a, "%.*s/%.*s", STR(root), STR(entry));
        }
    folder_close(f);
    return found;
}

/* Spark 3.5 runs on Java 8, 11 and 17. */
static Str find_java(Arena *a, Str configured)
{
    static const Str wanted[] = {
        STR_INIT("java-17"), STR_INIT("java-1.17"), STR_INIT("java-11"),     STR_INIT("java-1.11"),
        STR_INIT("java-8"),  STR_INIT("java-1.8"),  STR_INIT("default-java")};
    if (configured.n) return below(a, configured, S("bin/java"));
    for (int i = 0; i < countof(wanted); i++) {
        Str home = first_with(a, JVM_FOLDER, S(""), wanted[i], S("bin/java"));
        if (home.n) return str_printf(a, "%.*s/bin/java", STR(home));
    }
    return (Str){0};
}

static Str find_spark(Arena *a, Str configured, Str home)
{
    if (configured.n) return below(a, configured, S("bin/spark-submit")).n ? configured : (Str){0};
    Str lib = str_printf(a, "%.*s/.deps/venv/lib", STR(home));
    Str python =
        first_with(a, lib, S(""), S("python3"), S("site-packages/pyspark/bin/spark-submit"));
    return python.n ? str_printf(a, "%.*s/site-packages/pyspark", STR(python)) : (Str){0};
}

/* S3A's jars: beside Spark's own, or in .deps/jars. */
static Str find_jars(Arena *a, Str home, Str spark_home)
{
    Folder *f;
    Error err = {0};
    StrVec names = {0};
    Str places[] = {str_printf(a, "%.*s/.deps/jars", STR(home)),
                    str_printf(a, "%.*s/jars", STR(spark_home))};
    for (int i = 0; i < countof(places); i++) {
        bool found = false;
        if (!folder_open(places[i], false, &f, &err)) continue;
        if (folder_list(f, S(""), a, &names, &err))
            for (int64_t k = 0; k < names.n; k++) found |= str_starts(names.p[k], S("hadoop-aws"));
        folder_close(f);
        if (found) return places[i];
    }
    return (Str){0};
}

static Str name_missing(Arena *a, const Local *l)
{
    Buf b = {.a = a};
    if (!l->java.n) buf_put(&b, S("a Java runtime 8, 11 or 17 (MAYFLY_JAVA_HOME, /usr/lib/jvm)"));
    if (!l->spark_home.n)
        buf_printf(&b, "%sSpark (MAYFLY_SPARK_HOME, .deps/venv)", b.n ? ", " : "");
    if (!l->jars.n) buf_printf(&b, "%sthe S3A jars (.deps/jars)", b.n ? ", " : "");
    return b.n ? str_printf(a, "Spark cannot run here, for lack of: %.*s. To install: " INSTALL ".",
                            STR(buf_str(&b)))
               : (Str){0};
}

void local_find(Server *s, Local *out)
{
    const ServerConfig *c = &s->config;
    Arena *a = &out->a;
    /* bin/python itself is a link that leaves the folder. */
    Str venv = below(a, str_printf(a, "%.*s/.deps/venv", STR(c->home)), S("pyvenv.cfg"));
    Str shims = below(a, c->home, S("share/local/bin/spark-submit")).n
                    ? str_printf(a, "%.*s/share/local/bin", STR(c->home))
                    : (Str){0};
    out->java = find_java(a, c->java_home);
    out->spark_home = find_spark(a, c->spark_home, c->home);
    Str venv_bin = venv.n ? str_printf(a, "%.*s/.deps/venv/bin", STR(c->home)) : (Str){0};
    out->python = c->python.n ? c->python
                  : venv.n    ? str_printf(a, "%.*s/python", STR(venv_bin))
                              : S("python3");
    out->jars = find_jars(a, c->home, out->spark_home);
    out->shims = shims;
    out->path = venv.n ? str_printf(a, "%.*s:" SYSTEM_PATH, STR(venv_bin)) : S(SYSTEM_PATH);
    out->missing = name_missing(a, out);
}
