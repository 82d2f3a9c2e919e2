import base64
import hashlib
import json
import re

import pytest

from tests.headers import faults
from tests.unit.template.loading import Template, load

TEMPLATE = load()
API = TEMPLATE["Resources"]["Api"]["Properties"]
PAGE = TEMPLATE["Mappings"]["GatewayPage"]["Html"]
RESPONSES = API["GatewayResponses"]


def html(response: Template) -> str:
    parts = response["ResponseTemplates"]["application/json"]["Fn::Join"][1]
    return "".join(one if isinstance(one, str) else PAGE[one["Fn::FindInMap"][2]] for one in parts)


def test_bodies_pass_the_gateway_unharmed() -> None:
    assert API["BinaryMediaTypes"] == ["*/*"]
    assert API["MinimumCompressionSize"] == 1024


def test_there_is_one_way_in_and_it_is_guarded() -> None:
    association = TEMPLATE["Resources"]["WebAclAssociation"]["Properties"]
    assert API["DisableExecuteApiEndpoint"] is True
    assert association["WebACLArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}


def test_the_domain_is_the_host_of_the_public_address_and_serves_its_root() -> None:
    domain = TEMPLATE["Resources"]["DomainName"]["Properties"]
    mapping = TEMPLATE["Resources"]["BasePathMapping"]["Properties"]
    address = {"Fn::Split": ["/", {"Ref": "PublicBaseUrl"}]}
    host = {"Fn::Split": [":", {"Fn::Select": [2, address]}]}
    assert domain["DomainName"] == {"Fn::Select": [0, host]}
    assert "BasePath" not in mapping


def test_only_modern_tls_comes_in() -> None:
    """TLS 1.2 and 1.3 with AWS's ciphers, by a public certificate; API Gateway answers no HTTP."""
    domain = TEMPLATE["Resources"]["DomainName"]["Properties"]
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert domain["RegionalCertificateArn"] == {"Ref": "CertificateArn"}
    assert TEMPLATE["Parameters"]["CertificateArn"]["AllowedPattern"] == "^arn:aws:acm:.+$"


def test_the_public_address_must_be_given() -> None:
    assert "Default" not in TEMPLATE["Parameters"]["PublicBaseUrl"]


def test_the_access_log_holds_no_token_and_no_body() -> None:
    """A reset link's token is part of the path, so the log has the resource's pattern instead."""
    line = API["AccessLogSetting"]["Format"]
    assert json.loads(line)["resource"] == "$context.resourcePath"
    assert "$context.path" not in line
    assert "$context.requestOverride" not in line
    # This variable has its own quotes: the line would be no JSON exactly when something failed.
    assert "messageString" not in line
    assert all(settings["DataTraceEnabled"] is False for settings in API["MethodSettings"])


def test_no_trace_of_the_gateway_keeps_a_reset_links_token() -> None:
    """A trace's segment has the whole address, path and token included."""
    assert API["TracingEnabled"] is False


def test_the_gateway_throttles_by_default() -> None:
    for settings in API["MethodSettings"]:
        assert settings["ThrottlingRateLimit"] > 0
        assert settings["ThrottlingBurstLimit"] >= settings["ThrottlingRateLimit"]


def test_a_flood_at_gmos_door_takes_nothing_from_the_members() -> None:
    everything, door = API["MethodSettings"]
    assert (door["ResourcePath"], door["HttpMethod"]) == ("/gmo/notification", "POST")
    assert door["ThrottlingRateLimit"] < everything["ThrottlingRateLimit"]


def test_the_gateways_own_answers_cover_everything() -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN"} <= set(RESPONSES)
    assert RESPONSES["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == "404"
    assert RESPONSES["THROTTLED"]["StatusCode"] == "429"


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_a_gateway_page_is_whole_japanese_and_html(kind: str) -> None:
    text = html(RESPONSES[kind])
    headers = RESPONSES[kind]["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'text/html; charset=utf-8'"
    assert headers["Cache-Control"] == "'no-store'"
    assert text.startswith('<!doctype html><html lang="ja">')
    assert text.endswith("</html>")
    assert re.search(r"<h1>[^<]+</h1><p>[^<]+。</p>", text)
    assert "<script" not in text


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_a_gateway_page_carries_the_headers_of_every_answer(kind: str) -> None:
    """Its policy stands in two places; a browser keeps both."""
    given = RESPONSES[kind]["ResponseParameters"]["Headers"]
    headers = {name.lower(): value.strip("'") for name, value in given.items()}
    in_page = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', PAGE["Head"])
    assert in_page
    assert all(value[0] == value[-1] == "'" and "'" not in value[1:-1] for value in given.values())
    headers["content-security-policy"] += f"; {in_page[1]}"
    assert faults(headers) == []


@pytest.mark.parametrize("kind", sorted(RESPONSES))
def test_a_gateway_page_has_one_variable_for_the_gateway_to_fill(kind: str) -> None:
    """A dollar or number sign elsewhere, in a colour for instance, could be taken for another."""
    text = html(RESPONSES[kind])
    assert text.count("$context.requestId") == text.count("$") == 1
    assert "#" not in text


def test_the_policy_of_a_gateway_page_names_its_style() -> None:
    style = re.search(r"<style>(.*)</style>", PAGE["Head"])
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in PAGE["Head"]
