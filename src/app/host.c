/* host.c - the Host header told apart: addresses, localhost, AWS's names, others. */
#include "app/host.h"

static Str without_port(Str host)
{
    int64_t colon = str_rfind_char(host, ':'), end = str_rfind_char(host, ']');
    return colon > end ? str_slice(host, 0, colon) : host;
}

static bool is_address(Str host)
{
    if (str_starts(host, S("["))) return str_ends(host, S("]"));
    for (int64_t i = 0; i < host.n; i++)
        if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9')) return false;
    return host.n > 0;
}

/* The domain itself, or a name below it. */
static bool is_below(Str host, Str domain)
{
    Str tail = str_slice(host, host.n - domain.n, host.n);
    return host.n >= domain.n && str_eq_nocase(tail, domain) &&
           (host.n == domain.n || host.p[host.n - domain.n - 1] == '.');
}

bool host_is_ours(Str host, Str listening)
{
    static const char *const domains[] = {"localhost", "amazonaws.com", "amazonaws.com.cn"};
    host = without_port(host);
    if (str_ends(host, S("."))) host.n--;
    if (!host.n || is_address(host) || str_eq_nocase(host, listening)) return true;
    for (int i = 0; i < countof(domains); i++)
        if (is_below(host, str_from(domains[i]))) return true;
    return false;
}
