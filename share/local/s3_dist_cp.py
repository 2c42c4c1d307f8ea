# s3_dist_cp.py - s3-dist-cp without MapReduce: copies, groups and recompresses files between Hadoop's file systems.
"""
Understands EMR's options --src, --dest, --srcPattern, --groupBy, --targetSize, --outputCodec (none, keep, gzip),
--deleteOnSuccess, --srcPrefixesFile, --numberFiles and --outputManifest; options about how S3 is written to are accepted
and change nothing. An option that would change the result and is not understood ends the program with its name.

The copying is done by the JVM, through the gateway that PySpark uses: any file system of core-site.xml will do.
"""

import gzip
import json
import re
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from pyspark.java_gateway import launch_gateway

COPIES_AT_ONCE = 8
MEGABYTE = 1 << 20
VALUES = {"src", "dest", "srcPattern", "groupBy", "targetSize", "outputCodec", "srcPrefixesFile", "outputManifest"}
FLAGS = {"deleteOnSuccess", "numberFiles"}
WITHOUT_EFFECT = {"multipartUploadChunkSize", "tmpDir", "s3Endpoint", "startingIndex"}
FLAGS_WITHOUT_EFFECT = {"disableMultipartUpload", "s3ServerSideEncryption"}
COMPRESSED = (".gz", ".gzip", ".bz2", ".snappy", ".lz4", ".deflate", ".zst")


class Wrong(Exception):
    """The command line asks for what cannot be done; the text says what."""


def parse(words):
    options, words = {}, list(words)
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            raise Wrong(f"unexpected argument {word!r}")
        name, joined, value = word[2:].partition("=")
        if name in FLAGS | FLAGS_WITHOUT_EFFECT:
            options[name] = True
        elif name in VALUES | WITHOUT_EFFECT:
            if not joined and not words:
                raise Wrong(f"the option --{name} needs a value")
            options[name] = value if joined else words.pop(0)
        else:
            raise Wrong(f"the option --{name} is not supported here")
    check(options)
    return options


def check(options):
    for name in ("src", "dest"):
        if name not in options:
            raise Wrong(f"the option --{name} is missing")
    codec = options.setdefault("outputCodec", "keep").lower()
    options["outputCodec"] = {"gz": "gzip"}.get(codec, codec)
    if options["outputCodec"] not in ("none", "keep", "gzip"):
        raise Wrong(f"--outputCodec {codec} is not supported here; none, keep and gzip are")
    for name in ("srcPattern", "groupBy"):
        try:
            options[name] = re.compile(options[name]) if name in options else None
        except re.error as wrong:
            raise Wrong(f"--{name}: {wrong}") from wrong
    if options["groupBy"] and not options["groupBy"].groups:
        raise Wrong("--groupBy needs a group in parentheses, by which files are put together")
    try:
        options["targetSize"] = int(options["targetSize"]) * MEGABYTE if "targetSize" in options else None
    except ValueError as wrong:
        raise Wrong("--targetSize must be a number of megabytes") from wrong


class Hadoop:
    """The few calls of Hadoop's FileSystem that copying needs."""

    def __init__(self):
        self.jvm = launch_gateway().jvm
        self.conf = self.jvm.org.apache.hadoop.conf.Configuration()
        self.codecs = self.jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(self.conf)

    def path(self, text):
        return self.jvm.org.apache.hadoop.fs.Path(text)

    def fs(self, path):
        return path.getFileSystem(self.conf)

    def qualified(self, text):
        path = self.path(text)
        return self.fs(path).makeQualified(path).toString()

    def files(self, text):
        """(full name, size) of all files at or below the path, by name."""
        path = self.path(text)
        found, names = self.fs(path).listFiles(path, True), []
        while found.hasNext():
            status = found.next()
            names.append((status.getPath().toString(), status.getLen()))
        return sorted(names)

    def read(self, text):
        path = self.path(text)
        stream = self.fs(path).open(path)
        try:
            return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def write(self, text, content):
        path = self.path(text)
        stream = self.fs(path).create(path, True)
        stream.write(content)
        stream.close()

    def delete(self, text):
        path = self.path(text)
        self.fs(path).delete(path, False)

    def concatenate(self, sources, dest, codec):
        """codec: what dest is compressed with; sources are unpacked when it is not 'keep'."""
        path = self.path(dest)
        out = self.fs(path).create(path, True)
        if codec == "gzip":
            out = self.codecs.getCodecByName("gzip").createOutputStream(out)
        try:
            for source in sources:
                self.append(source, out, unpack=codec != "keep")
        finally:
            out.close()

    def append(self, source, out, unpack):
        path = self.path(source)
        stream = self.fs(path).open(path)
        codec = self.codecs.getCodec(path) if unpack else None
        if codec:
            stream = codec.createInputStream(stream)
        try:
            self.jvm.org.apache.hadoop.io.IOUtils.copyBytes(stream, out, 1 << 17, False)
        finally:
            stream.close()


def bare(name):
    """Without the ending that tells the compression."""
    for ending in COMPRESSED:
        if name.endswith(ending):
            return name[: -len(ending)]
    return name


def named(name, codec):
    return {"keep": name, "none": bare(name), "gzip": bare(name) + ".gz"}[codec]


def choose(hadoop, options):
    """(name, place below --src, size) of what is to be copied."""
    base = hadoop.qualified(options["src"]).rstrip("/")
    starts = [base]
    if "srcPrefixesFile" in options:
        lines = hadoop.read(options["srcPrefixesFile"]).decode().split("\n")
        starts = [hadoop.qualified(line.strip()) for line in lines if line.strip()]
    for start in starts:
        for name, size in hadoop.files(start):
            below = name[len(base) :].lstrip("/") if name.startswith(base + "/") else name.rsplit("/", 1)[-1]
            if not options["srcPattern"] or options["srcPattern"].fullmatch(name):
                yield name, below, size


def plan(files, options):
    """{destination: [sources]} in order."""
    dest, groups = options["dest"].rstrip("/"), OrderedDict()
    if not options["groupBy"]:
        return OrderedDict((f"{dest}/{named(below, options['outputCodec'])}", [name]) for name, below, _ in files)
    for name, below, size in files:
        match = options["groupBy"].fullmatch(name)
        if match:
            folder, ending = below.rpartition("/")[:2], name[len(bare(name)) :]
            target = "".join(folder) + "".join(part or "" for part in match.groups())
            groups.setdefault(named(target + ending, options["outputCodec"]), []).append((name, size))
    return OrderedDict(split for target, members in groups.items() for split in pieces(f"{dest}/{target}", members, options["targetSize"]))


def pieces(target, members, size_max):
    """One file for a group, or several numbered ones of about the size asked for."""
    files, room = [[]], 0
    for name, size in members:
        if size_max and files[-1] and room + size > size_max:
            files.append([])
            room = 0
        files[-1].append(name)
        room += size
    if len(files) == 1:
        return [(target, files[0])]
    stem, ending = bare(target), target[len(bare(target)) :]
    return [(f"{stem}{i}{ending}", names) for i, names in enumerate(files)]


def number(copies):
    def one(i, dest):
        folder, slash, name = dest.rpartition("/")
        return f"{folder}{slash}{i:06d}{name}"

    return OrderedDict((one(i, dest), sources) for i, (dest, sources) in enumerate(copies.items()))


def manifest(copies, base):
    lines = [json.dumps({"path": dest, "baseName": dest[len(base) + 1 :], "srcDir": base}) for dest in copies]
    return gzip.compress("".join(line + "\n" for line in lines).encode())


def main(words):
    options = parse(words)
    hadoop = Hadoop()
    files = list(choose(hadoop, options))
    copies = plan(files, options)
    if options.get("numberFiles"):
        copies = number(copies)
    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        done = [pool.submit(hadoop.concatenate, sources, dest, options["outputCodec"]) for dest, sources in copies.items()]
        for copy in done:
            copy.result()
    base = options["dest"].rstrip("/")
    if "outputManifest" in options:
        hadoop.write(f"{base}/{options['outputManifest']}", manifest(copies, base))
    sources = [name for names in copies.values() for name in names]
    if options.get("deleteOnSuccess"):
        for name in sources:
            hadoop.delete(name)
    print(f"s3-dist-cp: {len(sources)} files of {len(files)} found, to {len(copies)} files below {base}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Wrong as wrong:
        sys.exit(f"s3-dist-cp: {wrong}")
