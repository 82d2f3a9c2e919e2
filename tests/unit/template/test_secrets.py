from tests.unit.template.loading import Template


def test_the_pepper_is_never_replaced(template: Template) -> None:
    """Its logical id and generator are pinned: a new value would make every password wrong."""
    assert template["Resources"]["PepperSecret"] == {
        "Type": "AWS::SecretsManager::Secret",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": "Key blended into every password hash",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"current":"p1"}',
                "GenerateStringKey": "p1",
                "PasswordLength": 64,
                "ExcludePunctuation": True,
            },
        },
    }


def test_the_shop_password_is_hidden_and_kept(template: Template) -> None:
    parameter = template["Parameters"]["GmoShopPassword"]
    secret = template["Resources"]["GmoShopSecret"]
    assert parameter["NoEcho"] is True
    assert secret["DeletionPolicy"] == secret["UpdateReplacePolicy"] == "Retain"
    assert not any("GmoShopPassword" in str(one) for one in template["Outputs"].values())


def test_mail_goes_encrypted_signed_and_not_to_dead_addresses(template: Template) -> None:
    options = template["Resources"]["MailConfigurationSet"]["Properties"]
    identity = template["Resources"]["MailIdentity"]["Properties"]
    assert options["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert options["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    assert identity["DkimAttributes"] == {"SigningEnabled": True}
    assert identity["MailFromAttributes"]["MailFromDomain"] == {"Fn::Sub": "bounce.${SenderDomain}"}


def test_production_mails_reach_members(template: Template) -> None:
    rule = template["Rules"]["MailsReachMembersInProduction"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "production"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Equals": [{"Ref": "MailRedirectTo"}, ""]}


def test_without_a_test_address_there_is_no_staging(template: Template) -> None:
    rule = template["Rules"]["MailsOfStagingReachNoMember"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "staging"]}
    empty = {"Fn::Equals": [{"Ref": "MailRedirectTo"}, ""]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [empty]}
