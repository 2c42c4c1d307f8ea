/* serve.c - `mayfly serve` runs the server until it is told to stop. */
#include "api/api.h"
#include "app/server.h"
#include "app/turn.h"
#include "cli/cli.h"
#include "sys/attached.h"

#include <unistd.h>

enum { ACCOUNT_DIGITS = 12, PORT_MAX = 65535, LIFE_SECONDS_MAX = 366 * 24 * 3600 };

static const char *const environment_paths[] = {"MAYFLY_SPARK_HOME", "MAYFLY_JAVA_HOME",
                                                "MAYFLY_PYTHON"};

static bool is_account(Str s)
{
    int64_t value;
    return s.n == ACCOUNT_DIGITS && s.p[0] != '-' && str_to_int(s, &value);
}

static bool is_loopback(Str host)
{
    return str_starts(host, S("127.")) || str_eq(host, S("::1")) || str_eq(host, S("localhost"));
}

/* build/mayfly and bin/mayfly lie one folder below the tree that share/ and .deps/ are in. */
static Str home_folder(void)
{
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    for (int up = 0; up < 2; up++)
        while (n > 0 && path[--n] != '/') continue;
    return n > 0 ? (Str){path, n} : S("/");
}

static bool read_catch_up(Str text, CatchUp *out)
{
    static const char *const names[] = {
        [CATCH_UP_LAST] = "last", [CATCH_UP_ALL] = "all", [CATCH_UP_NONE] = "none"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq(text, str_from(names[i]))) return *out = (CatchUp)i, true;
    return false;
}

/* What makes no sense together is refused before anything is opened. */
static bool read_config(const CliOption *options, ServerConfig *c)
{
    int64_t port, life, session;
    CatchUp catch_up;
    Str auth = cli_option(options, "auth"), quotas = cli_option(options, "quotas");
    if (!str_to_int(cli_option(options, "port"), &port) || port < 0 || port > PORT_MAX)
        return cli_usage("serve", "--port must be a number from 0 to %d", PORT_MAX), false;
    if (!str_to_int(cli_option(options, "cluster-seconds-max"), &life) || life < 0 ||
        life > LIFE_SECONDS_MAX)
        return cli_usage("serve", "--cluster-seconds-max must be a number from 0 to %d",
                         LIFE_SECONDS_MAX),
               false;
    if (!str_to_int(cli_option(options, "role-session-seconds"), &session) || session < 1 ||
        session > LIFE_SECONDS_MAX)
        return cli_usage("serve", "--role-session-seconds must be a number from 1 to %d",
                         LIFE_SECONDS_MAX),
               false;
    if (!is_account(cli_option(options, "account")))
        return cli_usage("serve", "--account must be 12 digits"), false;
    if (!str_eq(auth, S("open")) && !str_eq(auth, S("enforce")))
        return cli_usage("serve", "--auth must be open or enforce"), false;
    if (!str_eq(quotas, S("aws")) && !str_eq(quotas, S("none")))
        return cli_usage("serve", "--quotas must be aws or none"), false;
    if (!read_catch_up(cli_option(options, "catch-up"), &catch_up))
        return cli_usage("serve", "--catch-up must be last, all or none"), false;
    Str unknown = cli_option(options, "unknown-resources");
    if (!str_eq(unknown, S("fail")) && !str_eq(unknown, S("record")))
        return cli_usage("serve", "--unknown-resources must be fail or record"), false;
    if (!str_eq(cli_option(options, "engine"), S("local")))
        return cli_usage("serve", "--engine must be local"), false;
    if (cli_flag(options, "certificate") != cli_flag(options, "key"))
        return cli_usage("serve", "--certificate and --key belong together"), false;
    if (str_eq(auth, S("open")) && !is_loopback(cli_option(options, "host")))
        return cli_usage("serve", "--host %.*s is not loopback: that needs --auth enforce",
                         STR(cli_option(options, "host"))),
               false;
    *c = (ServerConfig){.data_path = cli_option(options, "data"),
                        .host = cli_option(options, "host"),
                        .port = (int)port,
                        .account = cli_option(options, "account"),
                        .certificate_path = cli_option(options, "certificate"),
                        .key_path = cli_option(options, "key"),
                        .enforce_auth = str_eq(auth, S("enforce")),
                        .quiet = cli_flag(options, "quiet"),
                        .catch_up = catch_up,
                        .record_unknown_resources = str_eq(unknown, S("record")),
                        .lift_quotas = str_eq(quotas, S("none")),
                        .cluster_ms_max = life * 1000,
                        .child_session_seconds = (int)session,
                        .spark_home = str_from(getenv(environment_paths[0])),
                        .java_home = str_from(getenv(environment_paths[1])),
                        .python = str_from(getenv(environment_paths[2])),
                        .home = home_folder()};
    return true;
}

int cli_serve(int argc, char **argv)
{
    CliOption options[] = {
        {"port", "N", "port to listen on; 0 picks a free one", S("4566"), false},
        {"host", "ADDRESS", "address to listen on", S("127.0.0.1"), false},
        {"data", "DIR", "where everything is kept", S(".mayfly"), false},
        {"account", "ID", "the AWS account that callers are in", S("000000000000"), false},
        {"auth", "MODE",
         "open: any key is accepted; enforce: signatures are checked against `mayfly keys`",
         S("open"), false},
        {"quotas", "MODE", "aws: the service limits of AWS; none: lifted", S("aws"), false},
        {"catch-up", "WHICH",
         "times that schedules missed while no server ran: last fires the latest of each, all, "
         "none",
         S("last"), false},
        {"cluster-seconds-max", "N",
         "a cluster ends after so many seconds, whatever it does; 0: no limit", S("0"), false},
        {"role-session-seconds", "N",
         "with --auth enforce: how long credentials last that steps fetch, again and again",
         S("3600"), false},
        {"unknown-resources", "HOW",
         "templates with resource types that are not offered here: fail, or record them", S("fail"),
         false},
        {"engine", "NAME", "where clusters run: local", S("local"), false},
        {"certificate", "FILE", "PEM certificate chain: serves TLS", {0}, false},
        {"key", "FILE", "PEM private key of the certificate", {0}, false},
        {"quiet", NULL, "no log on standard error", {0}, false},
        {"attached", NULL, "stop when the process that started this one ends", {0}, false},
        {0},
    };
    CliPositionals rest;
    ServerConfig config;
    Error err = {0};
    static Server server;
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    if (rest.n) return cli_usage("serve", "unexpected argument '%.*s'", STR(rest.p[0]));
    if (!read_config(options, &config)) return CLI_USAGE;
    if (cli_flag(options, "attached")) attached_follow_starter();
    if (!server_open(&server, &config, api_tables, &err)) return cli_fail("serve", &err);
    bool v6 = str_find_char(config.host, ':') >= 0;
    printf("ready %s://%s%.*s%s:%d\n", config.certificate_path.n ? "https" : "http", v6 ? "[" : "",
           STR(config.host), v6 ? "]" : "", server.port);
    fflush(stdout);
    while (!server.stopping) turn_run(&server);
    server_close(&server);
    return CLI_DONE;
}
