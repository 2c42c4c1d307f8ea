/* keys.c - `mayfly keys create|list|delete`: access keys for servers that enforce signatures. */
#include "cli/cli.h"

#include "base/encode.h"
#include "cli/client.h"
#include "cli/table.h"

static void print_created(const Json *key)
{
    printf("export AWS_ACCESS_KEY_ID=%.*s\nexport AWS_SECRET_ACCESS_KEY=%.*s\n",
           STR(json_text(json_get(key, S("AccessKeyId")))),
           STR(json_text(json_get(key, S("SecretAccessKey")))));
}

static void print_list(Arena *a, const Json *keys)
{
    Table t = {.a = a, .columns = 3};
    table_row(&t, S("ACCESS KEY"), S("ACCOUNT"), S("FOR"));
    for (int32_t i = 0; i < keys->n; i++)
        table_row(&t, json_text(json_get(&keys->items[i], S("AccessKeyId"))),
                  json_text(json_get(&keys->items[i], S("Account"))),
                  json_text(json_get(&keys->items[i], S("Note"))));
    table_print(&t);
}

static int run(const Client *c, Str verb, Str id, Str user, bool json, Arena *a)
{
    Error err = {0};
    ClientPage page;
    Json said;
    bool create = str_eq(verb, S("create")), list = str_eq(verb, S("list"));
    Str method = create ? S("POST") : list ? S("GET") : S("DELETE");
    Str where = id.n ? str_printf(a, "keys?id=%.*s", STR(id)) : S("keys");
    if (create && user.n)
        where = str_printf(a, "keys?user=%.*s", STR(percent_encode(a, user, S(""))));
    if (!client_admin(c, method, where, a, &page, &err) || !json_parse(page.body, a, &said, &err))
        return cli_fail("keys", &err);
    if (json)
        printf("%.*s\n", STR(page.body));
    else if (create)
        print_created(&said);
    else if (list)
        print_list(a, &said);
    else
        printf("deleted %.*s\n", STR(id));
    return CLI_DONE;
}

int cli_keys(int argc, char **argv)
{
    CliOption options[] = {
        {"data", "DIR", "the server's data folder", S(".mayfly"), false},
        {"user", "NAME", "create: a key of this IAM user, not of the account", S(""), false},
        CLI_JSON,
        CLI_PORT,
        {0},
    };
    CliPositionals rest;
    Arena a = {0};
    if (!cli_parse(argc, argv, options, &rest)) return CLI_USAGE;
    Str verb = rest.n ? rest.p[0] : (Str){0};
    bool deletes = str_eq(verb, S("delete"));
    if ((!deletes && !str_eq(verb, S("create")) && !str_eq(verb, S("list"))) ||
        rest.n != 1 + deletes)
        return cli_usage("keys", "create, list, or delete ACCESS-KEY");
    Client c = client_of_environment(cli_option(options, "port"), cli_option(options, "data"));
    int code = run(&c, verb, deletes ? rest.p[1] : (Str){0}, cli_option(options, "user"),
                   cli_flag(options, "json"), &a);
    arena_free(&a);
    return code;
}
