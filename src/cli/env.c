/* env.c - `mayfly env` prints the environment that points every AWS client at a server. */
#include "cli/cli.h"
#include "sys/dial.h"

/* For `eval`: a shell takes what stands between single quotes as it is. */
static void print_export(const char *name, Str value)
{
    printf("export %s='%.*s'\n", name, STR(value));
}

static bool quotable(Str s)
{
    return str_find_char(s, '\'') < 0 && str_find_char(s, '\n') < 0;
}

static void print_environment(Str endpoint, Str region, Str certificate)
{
    print_export("AWS_ENDPOINT_URL", endpoint);
    print_export("AWS_ACCESS_KEY_ID", S("mayfly"));
    print_export("AWS_SECRET_ACCESS_KEY", S("mayfly"));
    print_export("AWS_DEFAULT_REGION", region);
    print_export("AWS_REGION", region);
    if (certificate.n) print_export("AWS_CA_BUNDLE", certificate);
    if (certificate.n) print_export("SSL_CERT_FILE", certificate);
    printf("# eval \"$(mayfly env)\"\n");
}

int cli_env(int argc, char **argv)
{
    CliOption options[] = {
        {"port", "N", "the server's port on this machine", S("4566"), false},
        {"region", "NAME", "the region to use", S("us-east-1"), false},
        {"ca", "FILE", "PEM certificate to trust, for a server that serves TLS", {0}, false},
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    DialAddress address;
    Error err = {0};
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    Str region = cli_option(options, "region"), certificate = cli_option(options, "ca");
    Str endpoint = rest.n == 1
                       ? rest.p[0]
                       : str_printf(&a, "http://127.0.0.1:%.*s", STR(cli_option(options, "port")));
    int code = CLI_DONE;
    if (rest.n > 1)
        code = cli_usage("env", "one address: the one that `mayfly serve` prints");
    else if (!dial_parse(endpoint, &address, &err))
        code = cli_usage("env", "%s", err.text);
    else if (!quotable(endpoint) || !quotable(region) || !quotable(certificate))
        code = cli_usage("env", "no quotes or line ends, please");
    else
        print_environment(endpoint, region, certificate);
    arena_free(&a);
    return code;
}
