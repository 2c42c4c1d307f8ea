# test_ssm.py - Systems Manager parameters: versions, labels, selectors, paths, filters, tags, and secrets that are not in the file.
import base64
import sqlite3

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="session")
def ssm(server):
    return server.client("ssm")


def put(ssm, name, value, **more):
    return ssm.put_parameter(**{"Name": name, "Value": value, "Type": "String"} | more)["Version"]


def value(ssm, name, **more):
    return ssm.get_parameter(Name=name, **more)["Parameter"]["Value"]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]


def test_versions_labels_and_selectors(ssm):
    assert put(ssm, "/versions/a", "1") == 1
    text = refused("ParameterAlreadyExists", ssm.put_parameter, Name="/versions/a", Value="2", Type="String")
    assert text == "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
    assert ssm.put_parameter(Name="/versions/a", Value="2", Overwrite=True) | {"ResponseMetadata": 0} == {
        "Version": 2, "Tier": "Standard", "ResponseMetadata": 0}  # fmt: skip
    assert put(ssm, "/versions/a", "3", Overwrite=True) == 3
    about = ssm.get_parameter(Name="/versions/a")["Parameter"]
    assert about["ARN"] == "arn:aws:ssm:us-east-1:000000000000:parameter/versions/a"
    assert (about["Value"], about["Version"], about["Type"], about["DataType"]) == ("3", 3, "String", "text")
    assert "Selector" not in about
    assert ssm.label_parameter_version(Name="/versions/a", ParameterVersion=1, Labels=["prod", "9no", "awsno"])["InvalidLabels"] == ["9no", "awsno"]
    about = ssm.get_parameter(Name="/versions/a:prod")["Parameter"]
    assert (about["Name"], about["Value"], about["Selector"]) == ("/versions/a", "1", ":prod")
    assert value(ssm, "/versions/a:2") == "2" and value(ssm, about["ARN"] + ":1") == "1"
    assert ssm.label_parameter_version(Name="/versions/a", Labels=["prod"])["ParameterVersion"] == 3
    assert value(ssm, "/versions/a:prod") == "3"
    history = ssm.get_parameter_history(Name="/versions/a")["Parameters"]
    assert [(p["Version"], p["Value"], p["Labels"]) for p in history] == [(1, "1", []), (2, "2", []), (3, "3", ["prod"])]
    text = refused("ParameterVersionNotFound", ssm.get_parameter, Name="/versions/a:7")
    assert text == "Systems Manager could not find version 7 of /versions/a. Verify the version and try again."
    refused("ParameterNotFound", ssm.get_parameter, Name="/versions/b")
    assert ssm.unlabel_parameter_version(Name="/versions/a", ParameterVersion=3, Labels=["prod", "x"])["RemovedLabels"] == ["prod"]
    found = ssm.get_parameters(Names=["/versions/a:2", "/versions/a:prod", "nothing"])
    assert [p["Value"] for p in found["Parameters"]] == ["2"] and found["InvalidParameters"] == ["/versions/a:prod", "nothing"]
    assert ssm.delete_parameters(Names=["/versions/a", "nothing"])["DeletedParameters"] == ["/versions/a"]
    refused("ParameterNotFound", ssm.delete_parameter, Name="/versions/a")


def test_the_hundred_and_first_version_removes_the_oldest_that_nobody_labelled(ssm):
    for n in range(100):
        put(ssm, "/many", str(n), Overwrite=True)
    assert put(ssm, "/many", "100", Overwrite=True) == 101
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="/many", PaginationConfig={"PageSize": 30})
    assert [p["Version"] for page in pages for p in page["Parameters"]] == list(range(2, 102))
    ssm.label_parameter_version(Name="/many", ParameterVersion=2, Labels=["keep"])
    assert "Version 2, the oldest version" in refused(
        "ParameterMaxVersionLimitExceeded", ssm.put_parameter, Name="/many", Value="x", Overwrite=True)  # fmt: skip


def test_a_secure_string_is_encrypted_at_rest(own_server):
    ssm = own_server.client("ssm")
    put(ssm, "/secret", "correct horse battery", Type="SecureString")
    sealed = value(ssm, "/secret")
    assert b"horse" not in base64.b64decode(sealed, validate=True)
    assert value(ssm, "/secret", WithDecryption=True) == "correct horse battery"
    assert ssm.describe_parameters()["Parameters"][0]["KeyId"] == "alias/aws/ssm"
    own_server.kill()
    for file in own_server.data.glob("state.db*"):
        assert b"horse" not in file.read_bytes()
    key = own_server.data / "vault-key"
    assert key.stat().st_mode & 0o777 == 0o600
    own_server.start()
    ssm = own_server.client("ssm")
    assert value(ssm, "/secret", WithDecryption=True) == "correct horse battery"
    # The sealed text of one parameter is not taken for another's.
    put(ssm, "/other", "mine", Type="SecureString")
    own_server.stop()
    with sqlite3.connect(own_server.data / "state.db") as db:
        db.execute("UPDATE parameter_version SET value = ?", (sealed,))
    db.close()
    own_server.start()
    ssm = own_server.client("ssm")
    assert value(ssm, "/secret", WithDecryption=True) == "correct horse battery"
    refused("InternalFailure", ssm.get_parameter, Name="/other", WithDecryption=True)


def test_paths_and_filters(ssm):
    for name in ("/tree/a", "/tree/b/c", "/tree/b/d", "/tree/b/e/f", "/treetop"):
        put(ssm, name, name)
    put(ssm, "/tree/s", "s", Type="SecureString", Tags=[{"Key": "team", "Value": "data"}])

    def below(path, **more):
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, PaginationConfig={"PageSize": 2}, **more)
        return [p["Name"] for page in pages for p in page["Parameters"]]

    assert below("/tree") == below("/tree/") == ["/tree/a", "/tree/s"]
    assert below("/tree/b", Recursive=True) == ["/tree/b/c", "/tree/b/d", "/tree/b/e/f"]
    assert below("/tree", Recursive=True, ParameterFilters=[{"Key": "Type", "Values": ["SecureString"]}]) == ["/tree/s"]
    assert below("/nothing") == []
    assert "must begin with a forward slash" in refused("ValidationException", ssm.get_parameters_by_path, Path="tree")
    refused("InvalidFilterKey", ssm.get_parameters_by_path, Path="/tree", ParameterFilters=[{"Key": "Name", "Values": ["x"]}])

    def described(*filters, **more):
        pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=list(filters), **more)
        return [p["Name"] for page in pages for p in page["Parameters"] if p["Name"].startswith("/tree")]

    assert described({"Key": "Name", "Option": "Contains", "Values": ["b/"]}) == ["/tree/b/c", "/tree/b/d", "/tree/b/e/f"]
    assert described({"Key": "Name", "Option": "BeginsWith", "Values": ["/treet"]}) == ["/treetop"]
    assert described({"Key": "Path", "Values": ["/tree/b"]}) == ["/tree/b/c", "/tree/b/d"]
    assert described({"Key": "tag:team", "Values": ["data"]}) == ["/tree/s"]
    assert described({"Key": "Name", "Values": ["/tree/a"]}, {"Key": "Type", "Values": ["SecureString"]}) == []
    refused("InvalidFilterOption", ssm.describe_parameters, ParameterFilters=[{"Key": "Type", "Option": "Recursive", "Values": ["x"]}])
    refused("InvalidNextToken", ssm.describe_parameters, NextToken="?")


def test_what_a_parameter_may_be(ssm):
    def no(code, name, text="v", **more):
        return refused(code, ssm.put_parameter, **{"Name": name, "Value": text, "Type": "String"} | more)

    assert "each sub-path can be formed as a mix of letters" in no("ValidationException", "/a b")
    assert no("ValidationException", "a/b") == "Parameter name must be a fully qualified name."
    assert "prefixed with \"ssm\"" in no("ValidationException", "/ssm-x")
    assert no("AccessDeniedException", "/aws/x") == "No access to reserved parameter name: /aws/x."
    no("HierarchyLevelLimitExceededException", "/x" * 16)
    put(ssm, "/x" * 15, "deep")
    no("ValidationException", "/size", "x" * 4097)
    assert ssm.put_parameter(Name="/size", Value="x" * 4097, Type="String", Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    no("ValidationException", "/size", "x" * 8193, Overwrite=True)
    no("ValidationException", "/size", Overwrite=True, Tier="Standard")
    no("ParameterPatternMismatchException", "/pattern", "12a", AllowedPattern=r"^\d+$")
    no("InvalidAllowedPatternException", "/pattern", AllowedPattern="(")
    put(ssm, "/pattern", "12,13", Type="StringList", AllowedPattern=r"\d+")
    no("ParameterPatternMismatchException", "/pattern", "12,x", Type="StringList", Overwrite=True)
    no("HierarchyTypeMismatchException", "/pattern", "12", Overwrite=True)
    no("ValidationException", "/image", DataType="AMI")
    put(ssm, "/image", "ami-0123456789abcdef0", DataType="aws:ec2:image")
    no("ValidationException", "/none", "")
    no("ValidationException", "/tags", Overwrite=True, Tags=[{"Key": "a", "Value": "b"}])
    assert refused("ValidationException", ssm.put_parameter, Name="/untyped", Value="v") == "A parameter type is required when you create a parameter."  # fmt: skip


def test_tags(ssm):
    put(ssm, "tagged", "v", Tags=[{"Key": "a", "Value": "1"}])
    about = {"ResourceType": "Parameter", "ResourceId": "tagged"}
    ssm.add_tags_to_resource(Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}], **about)
    assert sorted((t["Key"], t["Value"]) for t in ssm.list_tags_for_resource(**about)["TagList"]) == [("a", "3"), ("b", "2")]
    ssm.remove_tags_from_resource(TagKeys=["a", "z"], **about)
    assert ssm.list_tags_for_resource(**about)["TagList"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": f"k{n}", "Value": ""} for n in range(50)]
    refused("TooManyTagsError", ssm.add_tags_to_resource, Tags=many, **about)
    refused("InvalidResourceId", ssm.list_tags_for_resource, ResourceType="Parameter", ResourceId="untagged")


def test_the_command_line_puts_and_gets(server):
    server.aws("ssm", "put-parameter", "--name", "/cli/x", "--value", "from the shell", "--type", "String")
    done = server.aws("ssm", "get-parameter", "--name", "/cli/x", "--query", "Parameter.Value", "--output", "text")
    assert done.stdout == "from the shell\n"
