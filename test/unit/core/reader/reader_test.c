/* reader_test.c - items of JSON, JSON Lines and delimited text, whatever pieces the bytes come in. */
#include "pieces.h"
#include "test.h"

/* All items, one a line, keys before them; at last what went wrong. */
static Str read_in(const ReaderConfig *config, const char *text, int64_t piece)
{
    Buf out = {.a = test_arena()};
    Pieces pieces = {str_from(text), piece};
    Reader r;
    ReaderItem item;
    Error err = {0};
    reader_open(&r, config, (ReaderSource){&pieces, pieces_read});
    while (reader_next(&r, test_arena(), &item, &err)) {
        if (!str_absent(item.key)) buf_printf(&out, "%.*s=", STR(item.key));
        buf_printf(&out, "%.*s\n", STR(item.json));
    }
    if (err.code) buf_printf(&out, "! %s", err.text);
    reader_close(&r);
    return buf_str(&out);
}

static Str read_all(const ReaderConfig *config, const char *text)
{
    Str whole = read_in(config, text, 1 << 20);
    eq_str(read_in(config, text, 1), whole);
    return whole;
}

static Str json(const char *pointer, const char *text)
{
    return read_all(&(ReaderConfig){.format = READER_JSON, .items_pointer = str_from(pointer)},
                    text);
}

static Str lines(const char *text)
{
    return read_all(&(ReaderConfig){.format = READER_JSONL}, text);
}

static Str csv(const char *text)
{
    return read_all(&(ReaderConfig){.format = READER_CSV, .delimiter = ','}, text);
}

TEST(reader_json_elements)
{
    eq_str(json(NULL, "[]"), S(""));
    eq_str(json(NULL, " [ 1 , {\"a\": [1, \"]\\\"\"]} ,\"x\" , null ] \n"),
           S("1\n{\"a\":[1,\"]\\\"\"]}\n\"x\"\nnull\n"));
    eq_str(json(NULL, "{\"a\": 1, \"b\\n\": [2]}"), S("a=1\nb\n=[2]\n"));
    eq_str(json(NULL, "\xef\xbb\xbf[1]"), S("1\n"));
}

TEST(reader_json_pointer)
{
    const char *text = "{\"skip\": [1, {\"in\": 2}], \"in\": {\"x/y\": [[7], [8, 9]], \"n\": 1}, ";
    eq_str(json("/in/x~1y/1", text), S("8\n9\n"));
    eq_str(json("/in/n", text), S("! Attempting to map over non-iterable node. (line 1)"));
    eq_str(json("/in/none", text), S("! The ItemsPointer '/in/none' points to nothing"));
    eq_str(json("in", text), S("! The ItemsPointer 'in' points to nothing"));
    eq_str(json("/in/x~1y/2", text), S("! The ItemsPointer '/in/x~1y/2' points to nothing"));
}

TEST(reader_json_damaged)
{
    eq_str(json(NULL, "12"), S("! Attempting to map over non-iterable node. (line 1)"));
    eq_str(json(NULL, ""), S("! Attempting to map over non-iterable node. (line 1)"));
    eq_str(json(NULL, "[1,\n2"), S("1\n2\n! The JSON data ends within its items (line 2)"));
    eq_str(json(NULL, "[1,]"), S("1\n! There is a comma too much (line 1)"));
    eq_str(json(NULL, "[1 2]"), S("1\n! A comma is missing between items (line 1)"));
    eq_str(json(NULL, "[1] 2"), S("1\n! There is something after the JSON data (line 1)"));
    eq_str(json(NULL, "[{\"a\""), S("! The JSON data ends within a value (line 1)"));
    ok(str_find(json(NULL, "[tru]"), S("! Attempting to parse invalid JSON")) == 0);
    ok(str_find(json(NULL, "[{]}]"), S("! ")) == 0);
}

TEST(reader_json_lines)
{
    eq_str(lines("{\"a\": 1}\n\n [2]\r\n\"x\""), S("{\"a\":1}\n[2]\n\"x\"\n"));
    eq_str(lines(""), S(""));
    ok(str_find(lines("1\n2 3\n"), S("1\n! Attempting to parse invalid JSON")) == 0);
}

TEST(reader_csv_records)
{
    eq_str(csv("a,b\n1,2\n\r\n3\n4,5,6\r\n"),
           S("{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"\"}\n{\"a\":\"4\",\"b\":\"5\"}\n"));
    eq_str(csv("a,b"), S(""));
    eq_str(csv(""), S("! The data has no header (line 1)"));
    eq_str(csv("a\n\"no end"), S("! A quoted field has no end (line 2)"));
}

TEST(reader_csv_quotes_and_backslashes)
{
    eq_str(csv("v,w\n\"x, \"\"y\"\"\nz\",\"\"\n"), S("{\"v\":\"x, \\\"y\\\"\\nz\",\"w\":\"\"}\n"));
    eq_str(csv("v,w\n{\"\"k\"\":1},a\"b\n"), S("{\"v\":\"{\\\"k\\\":1}\",\"w\":\"a\\\"b\"}\n"));
    eq_str(csv("v,w\nC:\\\\x\\,y,\\\"q\\z\n"), S("{\"v\":\"C:\\\\x,y\",\"w\":\"\\\"qz\"}\n"));
}

TEST(reader_csv_given_header_and_delimiter)
{
    Str names[] = {S("x"), S("y")};
    ReaderConfig config = {
        .format = READER_CSV, .delimiter = '|', .headers = names, .headers_n = 2};
    eq_str(read_all(&config, "1|2,3\n"), S("{\"x\":\"1\",\"y\":\"2,3\"}\n"));
}
