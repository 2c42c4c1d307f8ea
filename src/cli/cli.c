/* cli.c - finds the command, reads its options, prints help. */
#include "cli/cli.h"

const CliCommand cli_commands[] = {
    {"serve", "[--port N] [--data DIR] ...", "run the server until it is told to stop", cli_serve},
    {"env", "[ADDRESS] [--port N]", "print the environment that points every AWS client here",
     cli_env},
    {"keys", "create|list|delete [KEY]", "access keys for a server that enforces signatures",
     cli_keys},
    {"clusters", "[--live] [--json]", "clusters, newest first", cli_clusters},
    {"steps", "CLUSTER [--json]", "the steps of a cluster, in their order", cli_steps},
    {"logs", "[-f] CLUSTER [STEP]", "what steps write, as they write it", cli_logs},
    {"run", "FILE [--input FILE] ...", "run a state machine to its end, on a server of its own",
     cli_run},
    {"executions", "[--machine NAME] [--status S] [--json]", "executions, newest first",
     cli_executions},
    {"history", "[--follow] EXECUTION", "what an execution has done, as it does it", cli_history},
    {"validate", "FILE [--type T] [--json]", "all that is wrong with a state machine's definition",
     cli_validate},
    {"jsonata", "EXPR [--bindings FILE]",
     "evaluate a JSONata expression over the JSON on standard input", cli_jsonata},
    {"completion", "bash", "print the shell completion: source <(mayfly completion bash)",
     cli_completion},
    {"version", "", "print the version", cli_version},
    {"help", "[COMMAND]", "print this, or the options of a command", cli_help},
    {0},
};

static const CliCommand *find(const char *name)
{
    for (const CliCommand *c = cli_commands; c->name; c++)
        if (!strcmp(c->name, name)) return c;
    return NULL;
}

int cli_fail(const char *command, const Error *err)
{
    fprintf(stderr, "mayfly %s: %s\n", command, err->text);
    return CLI_FAILED;
}

int cli_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "mayfly %s: ", command);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\nTry: mayfly help %s\n", command);
    va_end(ap);
    return CLI_USAGE;
}

/* ---- options ---- */

static CliOption *find_option(CliOption *options, Str name)
{
    for (CliOption *o = options; o->name; o++)
        if (str_eq(name, str_from(o->name))) return o;
    return NULL;
}

static void print_options(const CliOption *options)
{
    for (const CliOption *o = options; o->name; o++) {
        Str otherwise = o->argument ? o->value : (Str){0};
        printf("  --%s%s%s\n        %s%s%.*s%s\n", o->name, o->argument ? " " : "",
               o->argument ? o->argument : "", o->help ? o->help : "",
               otherwise.n ? " (default: " : "", STR(otherwise), otherwise.n ? ")" : "");
    }
}

/* One argument of the form --name[=value]; *i moves over a value that stands apart. */
static bool take_option(int argc, char **argv, int *i, CliOption *options)
{
    Str word = str_from(argv[*i] + 2);
    int64_t equals = str_find_char(word, '=');
    CliOption *o = find_option(options, equals < 0 ? word : str_slice(word, 0, equals));
    if (!o) return cli_usage(argv[0], "unknown option --%.*s", STR(word)), false;
    if (!o->argument && equals >= 0)
        return cli_usage(argv[0], "--%s takes no value", o->name), false;
    o->given = true;
    if (!o->argument) return true;
    if (equals < 0 && *i + 1 == argc)
        return cli_usage(argv[0], "--%s needs a value: %s", o->name, o->argument), false;
    o->value = equals >= 0 ? str_slice(word, equals + 1, word.n) : str_from(argv[++*i]);
    return true;
}

bool cli_parse(int argc, char **argv, CliOption *options, CliPositionals *positionals)
{
    bool only_positionals = false;
    *positionals = (CliPositionals){0};
    for (int i = 1; i < argc; i++) {
        Str word = str_from(argv[i]);
        if (!only_positionals && str_eq(word, S("--"))) {
            only_positionals = true;
        } else if (!only_positionals && str_eq(word, S("--help"))) {
            print_options(options);
            exit(CLI_DONE);
        } else if (!only_positionals && str_starts(word, S("--"))) {
            if (!take_option(argc, argv, &i, options)) return false;
        } else if (positionals->n == CLI_POSITIONALS_MAX) {
            return cli_usage(argv[0], "too many arguments"), false;
        } else {
            positionals->p[positionals->n++] = word;
        }
    }
    return true;
}

void cli_short_follow(int argc, char **argv)
{
    static char long_form[] = "--follow";
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "-f")) argv[i] = long_form;
}

Str cli_option(const CliOption *options, const char *name)
{
    for (; options->name; options++)
        if (!strcmp(options->name, name)) return options->value;
    unreachable();
}

bool cli_flag(const CliOption *options, const char *name)
{
    for (; options->name; options++)
        if (!strcmp(options->name, name)) return options->given;
    unreachable();
}

/* ---- commands about the program itself ---- */

int cli_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("mayfly %s\n", MAYFLY_VERSION);
    return CLI_DONE;
}

int cli_help(int argc, char **argv)
{
    if (argc > 1) {
        const CliCommand *c = find(argv[1]);
        if (!c) return cli_usage("help", "there is no command '%s'", argv[1]);
        printf("mayfly %s %s\n    %s\n", c->name, c->arguments, c->summary);
        char *help[] = {argv[1], (char[]){"--help"}, NULL};
        return c->run == cli_help || c->run == cli_version ? CLI_DONE : c->run(2, help);
    }
    printf("mayfly - data pipelines on clusters that live only as long as the work\n\n");
    for (const CliCommand *c = cli_commands; c->name; c++)
        printf("  %-12s %s\n", c->name, c->summary);
    printf("\nmayfly help COMMAND tells its options.\n");
    return CLI_DONE;
}

int cli_main(int argc, char **argv)
{
    if (argc < 2) return cli_help(1, argv), CLI_USAGE;
    const char *name = argv[1];
    if (!strcmp(name, "--version")) name = "version";
    if (!strcmp(name, "--help") || !strcmp(name, "-h")) name = "help";
    const CliCommand *c = find(name);
    if (!c) {
        fprintf(stderr, "mayfly: there is no command '%s'. Try: mayfly help\n", argv[1]);
        return CLI_USAGE;
    }
    return c->run(argc - 1, argv + 1);
}
