# test_lambda_layers.py - layers: published, found by Python, Node and custom runtimes, kept while used, refused where they cannot be.
import base64
import hashlib
import json
import os
import shutil
import urllib.request
import uuid

import pytest
from server import Server, processes_inside, wait_for
from test_lambda import call, make, refused, zip_of

LAYER = zip_of({
    "python/shared.py": "VALUE = 'from a layer'\n",
    "python/lib/python3.12/site-packages/deep.py": "VALUE = 'deep'\n",
    "nodejs/node_modules/shared/index.js": "exports.value = 'from a layer';\n",
    "bin/say": "#!/bin/sh\necho said\n",
    "data.txt": "first",
    "own.txt": "own",
})
SECOND = zip_of({"data.txt": "second", "python/other.py": "VALUE = 2\n"})
PYTHON = zip_of({"app.py": """
import os, subprocess
import shared, deep

def handler(event, context):
    opt = os.path.dirname(os.path.dirname(shared.__file__))
    read = lambda name: open(os.path.join(opt, name)).read() if os.path.exists(os.path.join(opt, name)) else None
    return {"shared": shared.VALUE, "deep": deep.VALUE, "opt": opt, "data": read("data.txt"), "own": read("own.txt"),
            "said": subprocess.run(["say"], capture_output=True, text=True).stdout, "env": os.environ.get("MAYFLY_OPT")}
"""})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("layers"))
    yield s
    s.stop()
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")


@pytest.fixture(scope="module")
def client(server):
    return server.client("lambda")


def publish(client, zipped=LAYER, name=None, **more):
    return client.publish_layer_version(LayerName=name or "l-" + uuid.uuid4().hex[:10], Content={"ZipFile": zipped}, **more)


def zips(server):
    return {p.name for p in (server.data / "lambda" / "zip").iterdir()}


def test_published_told_and_listed(client):
    one = publish(client, Description="d", CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"], LicenseInfo="MIT")
    name = one["LayerArn"].rsplit(":", 1)[1]
    assert one["Version"] == 1 and one["LayerVersionArn"] == one["LayerArn"] + ":1" and one["LicenseInfo"] == "MIT"
    assert one["Content"]["CodeSize"] == len(LAYER)
    assert one["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(LAYER).digest()).decode()
    assert urllib.request.urlopen(one["Content"]["Location"]).read() == LAYER
    assert publish(client, SECOND, name, CompatibleRuntimes=["nodejs20.x"])["Version"] == 2
    got = client.get_layer_version(LayerName=name, VersionNumber=1)
    assert got["Description"] == "d" and got["CompatibleRuntimes"] == ["python3.12"] and got["CreatedDate"] == one["CreatedDate"]
    assert client.get_layer_version_by_arn(Arn=one["LayerVersionArn"])["Version"] == 1
    assert client.get_layer_version(LayerName=one["LayerArn"], VersionNumber=2)["Version"] == 2
    assert [v["Version"] for v in client.list_layer_versions(LayerName=name)["LayerVersions"]] == [2, 1]
    page = client.list_layer_versions(LayerName=name, MaxItems=1)
    assert [v["Version"] for v in client.list_layer_versions(LayerName=name, Marker=page["NextMarker"])["LayerVersions"]] == [1]
    python = client.list_layer_versions(LayerName=name, CompatibleRuntime="python3.12")["LayerVersions"]
    assert [v["Version"] for v in python] == [1]
    newest = {entry["LayerName"]: entry["LatestMatchingVersion"]["Version"] for entry in client.list_layers()["Layers"]}
    assert newest[name] == 2
    fits = {e["LayerName"]: e["LatestMatchingVersion"]["Version"] for e in client.list_layers(CompatibleRuntime="python3.12")["Layers"]}
    assert fits[name] == 1
    client.delete_layer_version(LayerName=name, VersionNumber=2)
    client.delete_layer_version(LayerName=name, VersionNumber=2)
    refused("ResourceNotFoundException", client.get_layer_version, LayerName=name, VersionNumber=2)
    assert publish(client, SECOND, name)["Version"] == 3, "numbers are never used again"


def test_python_sees_its_layers_in_order(client):
    first, second = publish(client)["LayerVersionArn"], publish(client, SECOND)["LayerVersionArn"]
    name = make(client, PYTHON, Layers=[first, second])
    told = client.get_function_configuration(FunctionName=name)["Layers"]
    assert told == [{"Arn": first, "CodeSize": len(LAYER)}, {"Arn": second, "CodeSize": len(SECOND)}]
    got = call(client, name)["Payload"]
    assert got["shared"] == "from a layer" and got["deep"] == "deep" and got["said"] == "said\n"
    assert got["opt"] == "/opt" or not os.path.isdir("/opt"), "a private /opt, where there is one"
    assert got["data"] == "second" and got["own"] == "own" and got["env"] is None
    client.update_function_configuration(FunctionName=name, Layers=[second, first])
    assert call(client, name)["Payload"]["data"] == "first"
    client.update_function_configuration(FunctionName=name, Timeout=5)
    assert call(client, name)["Payload"]["data"] == "first", "what is not given stays"
    client.update_function_configuration(FunctionName=name, Layers=[])
    assert "Layers" not in client.get_function_configuration(FunctionName=name)
    assert "No module named 'shared'" in call(client, name)["Payload"]["errorMessage"]


@pytest.mark.skipif(not shutil.which("node"), reason="no node here")
def test_node_sees_its_layers(client):
    code = zip_of({"index.js": "exports.handler = async () => require('shared').value;"})
    name = make(client, code, runtime="nodejs20.x", handler="index.handler", Layers=[publish(client)["LayerVersionArn"]])
    assert call(client, name)["Payload"] == "from a layer"


def test_a_function_keeps_a_layer_that_was_deleted(server, client):
    zipped = zip_of({"python/shared.py": "VALUE = 'kept'\n", "python/deep.py": "VALUE = 1\n", "bin/say": "#!/bin/sh\n", "salt": uuid.uuid4().hex})
    digest = hashlib.sha256(zipped).hexdigest()
    made = publish(client, zipped)
    layer = made["LayerArn"].rsplit(":", 1)[1]
    name = make(client, PYTHON, Layers=[made["LayerVersionArn"]])
    client.delete_layer_version(LayerName=layer, VersionNumber=1)
    assert digest in zips(server)
    assert call(client, name)["Payload"]["shared"] == "kept"
    assert "does not exist" in refused(
        "InvalidParameterValueException", client.update_function_configuration, FunctionName=name, Layers=[made["LayerVersionArn"]]
    )
    client.delete_function(FunctionName=name)
    wait_for(lambda: digest not in zips(server), what="the code to go with the last that had it")


def test_permissions_of_a_layer(client):
    made = publish(client)
    which = {"LayerName": made["LayerArn"].rsplit(":", 1)[1], "VersionNumber": 1}
    refused("ResourceNotFoundException", client.get_layer_version_policy, **which)
    given = client.add_layer_version_permission(StatementId="s", Action="lambda:GetLayerVersion", Principal="111111111111", **which)
    assert json.loads(given["Statement"]) == {
        "Sid": "s", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "lambda:GetLayerVersion", "Resource": made["LayerVersionArn"],
    }  # fmt: skip
    refused("ResourceConflictException", client.add_layer_version_permission, StatementId="s",
            Action="lambda:GetLayerVersion", Principal="*", **which)  # fmt: skip
    refused("PreconditionFailedException", client.remove_layer_version_permission, StatementId="s", RevisionId="x", **which)
    told = client.get_layer_version_policy(**which)
    assert told["RevisionId"] == given["RevisionId"] and len(json.loads(told["Policy"])["Statement"]) == 1
    client.remove_layer_version_permission(StatementId="s", **which)
    refused("ResourceNotFoundException", client.remove_layer_version_permission, StatementId="s", **which)


def test_what_cannot_be_is_refused(client):
    made = publish(client)
    arn, name = made["LayerVersionArn"], made["LayerArn"].rsplit(":", 1)[1]
    again = publish(client, SECOND, name)["LayerVersionArn"]
    function = make(client, PYTHON, Layers=[arn])

    def update(layers):
        return refused(
            "InvalidParameterValueException", client.update_function_configuration, FunctionName=function, Layers=layers
        )

    assert "Two different versions" in update([arn, again])
    assert "more than 5" in update([publish(client, SECOND)["LayerVersionArn"] for _ in range(6)])
    assert "does not exist" in update([made["LayerArn"] + ":99"])
    big = zip_of({"big": "0" * 200_000_000})
    arn = publish(client, big)["LayerVersionArn"]
    assert "exceeds the maximum allowed size of 262144000 bytes" in update([arn, publish(client, big)["LayerVersionArn"]])
    assert "less than 1" in refused("InvalidParameterValueException", client.get_layer_version, LayerName=name, VersionNumber=0)
    refused("InvalidParameterValueException", client.publish_layer_version, LayerName=name, Content={"ZipFile": b"no zip"})
