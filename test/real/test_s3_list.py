# test_s3_list.py - listings, compared with what a few lines of Python make of the same keys.
import hashlib
import random

import pytest

from s3_help import call, code_of, refused, signed

KEYS = sorted(
    [f"year={y}/month={m:02}/part-{p}" for y in (2020, 2021) for m in (1, 2, 12) for p in range(3)]
    + ["a", "a-b", "a/", "a/b", "a/b/c", "a/b/d", "a0", "b//c", "b//d", "b/c", "ü/x", "ü/y", "z z/1", "z+z/2", "%41"],
    key=str.encode,
)


@pytest.fixture(scope="module")
def stocked(server):
    client = server.client("s3")
    client.create_bucket(Bucket="stocked")
    for key in KEYS:
        client.put_object(Bucket="stocked", Key=key, Body=key.encode())
    yield client
    for key in KEYS:
        client.delete_object(Bucket="stocked", Key=key)
    client.delete_bucket(Bucket="stocked")


def entries(keys, prefix="", delimiter="", after=""):
    """What a listing shows, in order: keys, and common prefixes once each where the first of their keys would be."""
    shown = []
    for key in keys:
        if not key.startswith(prefix) or key.encode() <= after.encode():
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        entry = key if cut < 0 else key[: cut + len(delimiter)]
        if entry not in shown:
            shown.append(entry)
    return shown


def shown_by(page):
    keys = [item["Key"] for item in page.get("Contents", [])]
    prefixes = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    assert keys == sorted(keys, key=str.encode) and prefixes == sorted(prefixes, key=str.encode)
    return sorted(keys + prefixes, key=str.encode)


CASES = [
    ("", ""), ("", "/"), ("a", "/"), ("a/", "/"), ("a/b", "/"), ("a/b/", "/"), ("year=2020/", "/"), ("year=", "/"), ("b/", "/"), ("b//", "/"),
    ("ü/", "/"), ("z", "/"), ("z ", ""), ("nothing", "/"), ("", "part-"), ("", "h="), ("year=2021/month=1", ""), ("%", "1"), ("", "/b"),
]  # fmt: skip


@pytest.mark.parametrize("prefix, delimiter", CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_of_version_2_join_to_the_whole(stocked, prefix, delimiter, size):
    got, options = [], {"Prefix": prefix, "Delimiter": delimiter, "MaxKeys": size}
    while True:
        page = stocked.list_objects_v2(Bucket="stocked", **options)
        shown = shown_by(page)
        assert page["KeyCount"] == len(shown) <= size
        got += shown
        assert page["IsTruncated"] == ("NextContinuationToken" in page)
        if not page["IsTruncated"]:
            break
        assert len(shown) == size
        options["ContinuationToken"] = page["NextContinuationToken"]
    assert got == entries(KEYS, prefix, delimiter)


@pytest.mark.parametrize("prefix, delimiter", CASES)
@pytest.mark.parametrize("size", [1, 3])
def test_pages_of_version_1_join_to_the_whole(stocked, prefix, delimiter, size):
    got, marker = [], ""
    while True:
        page = stocked.list_objects(Bucket="stocked", Prefix=prefix, Delimiter=delimiter, MaxKeys=size, Marker=marker)
        shown = shown_by(page)
        got += shown
        if not page["IsTruncated"]:
            break
        marker = page["NextMarker"] if delimiter else shown[-1]
        assert marker == shown[-1]
    assert got == entries(KEYS, prefix, delimiter)


@pytest.mark.parametrize("after", ["", "a", "a/", "a/a", "b//c", "year=2020/month=02/", "zzzz", "é"])
def test_start_after(stocked, after):
    assert shown_by(stocked.list_objects_v2(Bucket="stocked", StartAfter=after)) == entries(KEYS, after=after)


@pytest.mark.parametrize("after", ["", "a", "a-b", "b", "zzzz", "é"])
def test_start_after_among_common_prefixes(stocked, after):
    page = stocked.list_objects_v2(Bucket="stocked", StartAfter=after, Delimiter="/")
    assert shown_by(page) == entries(KEYS, "", "/", after)


def test_random_listings(stocked):
    chance = random.Random(4566)
    pieces = ["", "a", "a/", "b", "/", "year", "=", "20", "month", "ü", "z", "part-", "-"]
    for _ in range(150):
        prefix, delimiter = chance.choice(pieces), chance.choice(pieces)
        pages = stocked.get_paginator("list_objects_v2").paginate(
            Bucket="stocked", Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": chance.randint(1, 7)}
        )
        got = [entry for page in pages for entry in shown_by(page)]
        assert got == entries(KEYS, prefix, delimiter), (prefix, delimiter)


def test_what_an_entry_says(stocked):
    [entry] = stocked.list_objects_v2(Bucket="stocked", Prefix="a/b/c", FetchOwner=True)["Contents"]
    assert (entry["Size"], entry["StorageClass"]) == (5, "STANDARD")
    assert entry["ETag"] == '"' + hashlib.md5(b"a/b/c").hexdigest() + '"'
    assert entry["Owner"]["ID"] and entry["LastModified"].tzinfo
    [entry] = stocked.list_objects_v2(Bucket="stocked", Prefix="a/b/c")["Contents"]
    assert "Owner" not in entry
    [entry] = stocked.list_objects(Bucket="stocked", Prefix="a/b/c")["Contents"]
    assert entry["Owner"]["ID"]


def test_the_listing_repeats_what_was_asked(stocked):
    page = stocked.list_objects_v2(Bucket="stocked", Prefix="a/", Delimiter="/", MaxKeys=7, StartAfter="a/a")
    assert [page[name] for name in ("Name", "Prefix", "Delimiter", "MaxKeys", "StartAfter")] == [
        "stocked",
        "a/",
        "/",
        7,
        "a/a",
    ]


def test_no_keys_wanted_none_given(stocked):
    page = stocked.list_objects_v2(Bucket="stocked", MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)


def test_never_more_than_a_thousand(stocked):
    assert stocked.list_objects_v2(Bucket="stocked", MaxKeys=5000)["MaxKeys"] == 1000


def test_bad_questions(stocked, server):
    with refused(400, "InvalidArgument"):
        stocked.list_objects_v2(Bucket="stocked", ContinuationToken="no token of ours")
    for query in ("max-keys=-1", "max-keys=many", "encoding-type=utf7", "max-keys=99999999999999999999"):
        url = f"{server.endpoint}/stocked?list-type=2&{query}"
        status, _, body = call(url, headers=signed("GET", url))
        assert (status, code_of(body)) == (400, "InvalidArgument"), query


def test_encoding_is_only_done_when_asked_for(stocked, server):
    for query, want in (("", "<Key>z z/1</Key>"), ("&encoding-type=url", "<Key>z+z/1</Key>")):
        url = f"{server.endpoint}/stocked?list-type=2&prefix=z%20{query}"
        status, _, body = call(url, headers=signed("GET", url))
        assert status == 200 and want in body.decode(), query
