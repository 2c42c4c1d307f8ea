/* cli.h - the command line: one table of commands, one way to read options, one meaning of exit codes. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Exit codes: 0 done; 1 it was tried and failed (the reason is on standard error); 2 the command
 * line is wrong. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

typedef struct CliCommand {
    const char *name;
    const char *arguments;             /* "[--port N] [--data DIR]" */
    const char *summary;               /* one line, for `mayfly help` */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
} CliCommand;
extern const CliCommand cli_commands[]; /* ends with name NULL */

int cli_main(int argc, char **argv);

/* Options of a command: "--name value", "--name=value", or a flag. What is no option is a
 * positional argument.
 *
 *     CliOption options[] = {{"port", "N", .value = S("4566")}, {"json", NULL}, {0}};
 *     if (!cli_parse(argc, argv, options, &positional)) return CLI_USAGE;      (it has said what is
 * wrong)
 */
typedef struct CliOption {
    const char *name;
    const char *argument; /* what the value is called in help; NULL: a flag */
    const char *help;
    Str value; /* the default, then what was given */
    bool given;
} CliOption;
/* Options of several commands. */
#define CLI_JSON                                                                                   \
    (CliOption)                                                                                    \
    {                                                                                              \
        .name = "json", .help = "as JSON, for programs"                                            \
    }
#define CLI_PORT                                                                                   \
    (CliOption)                                                                                    \
    {                                                                                              \
        .name = "port", .argument = "N",                                                           \
        .help = "the server's port (else AWS_ENDPOINT_URL, else 4566)"                             \
    }
enum { CLI_POSITIONALS_MAX = 16 };
typedef struct CliPositionals {
    Str p[CLI_POSITIONALS_MAX];
    int n;
} CliPositionals;
must_use bool cli_parse(int argc, char **argv, CliOption *options, CliPositionals *positionals);
void cli_short_follow(int argc, char **argv); /* -f becomes --follow */
Str cli_option(const CliOption *options, const char *name);
bool cli_flag(const CliOption *options, const char *name);

/* "mayfly clusters: <text>" on standard error; returns CLI_FAILED or CLI_USAGE. */
int cli_fail(const char *command, const Error *err);
int cli_usage(const char *command, const char *fmt, ...) printf_like(2, 3);

/* A whole file; "-" is standard input. */
must_use bool cli_read(Str path, Arena *a, Str *out, Error *err);

int cli_serve(int argc, char **argv);
int cli_env(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_clusters(int argc, char **argv);
int cli_steps(int argc, char **argv);
int cli_logs(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_executions(int argc, char **argv);
int cli_history(int argc, char **argv);
int cli_validate(int argc, char **argv);
int cli_jsonata(int argc, char **argv);
int cli_completion(int argc, char **argv);
int cli_version(int argc, char **argv);
int cli_help(int argc, char **argv);
