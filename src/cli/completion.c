/* completion.c - `mayfly completion bash`: the words that may come next, from the table of commands itself. */
#include "cli/cli.h"

/* Options are asked of the program when they are needed: they cannot go out of date. */
int cli_completion(int argc, char **argv)
{
    CliOption options[] = {{0}};
    CliPositionals shell;
    if (!cli_parse(argc, argv, options, &shell)) return CLI_USAGE;
    if (shell.n != 1 || !str_eq(shell.p[0], S("bash")))
        return cli_usage("completion", "which shell? mayfly completion bash");
    printf("_mayfly() {\n    local words word=${COMP_WORDS[COMP_CWORD]}\n    if [ \"$COMP_CWORD\" "
           "= 1 ]; then\n        words='");
    for (const CliCommand *c = cli_commands; c->name; c++)
        printf("%s%s", c == cli_commands ? "" : " ", c->name);
    printf("'\n    else\n        words=$(mayfly help \"${COMP_WORDS[1]}\" 2>/dev/null | grep -o -e "
           "'--[a-z-]*')\n"
           "        case ${COMP_WORDS[1]} in\n"
           "        steps | logs) words+=\" $(mayfly clusters --json 2>/dev/null | grep -o "
           "'\"j-[A-Z0-9]*\"' | tr -d '\"')\" ;;\n"
           "        history) words+=\" $(mayfly executions 2>/dev/null | tail -n +2 | cut -d' ' "
           "-f1)\" ;;\n"
           "        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- "
           "\"$word\"))\n}\ncomplete -o default -F _mayfly mayfly\n");
    return CLI_DONE;
}
