from local import template_overrides
from tests.unit.template.loading import Template, statements


def test_what_the_local_stack_refuses_is_left_out_and_told(template: Template) -> None:
    local, notes = template_overrides.for_local(template)
    gone = set(template["Resources"]) - set(local["Resources"])
    assert gone == {"WebAclAssociation", "ApiGatewayAccount"}
    assert all(any(name in note for note in notes) for name in gone)


def test_the_template_itself_stays_as_it_is(template: Template) -> None:
    template_overrides.for_local(template)
    assert "WebAclAssociation" in template["Resources"]


def test_nothing_depends_on_what_was_left_out(template: Template) -> None:
    local, _ = template_overrides.for_local(template)
    assert "DependsOn" not in local["Resources"]["Api"]


def test_rights_stay_the_same_but_for_the_senders_address(template: Template) -> None:
    local, _ = template_overrides.for_local(template)
    roles = [name for name, one in local["Resources"].items() if one["Type"] == "AWS::IAM::Role"]
    changed = {
        (name, after["Sid"])
        for name in roles
        for before, after in zip(statements(template, name), statements(local, name), strict=True)
        if before != after
    }
    assert changed == {("MailerRole", "Send")}


def test_only_these_resources_differ(template: Template) -> None:
    local, _ = template_overrides.for_local(template)
    differing = {
        name for name, one in local["Resources"].items() if one != template["Resources"][name]
    }
    roles_and_functions = {"Api", "MailerRole", "SchedulerRole", "ReceiptFunction"}
    # The condition under which people take on a role; the rights are in the policies.
    office = {f"Office{one}Role" for one in ("Viewer", "Clerk", "Accountant", "Administrator")}
    assert differing == roles_and_functions | office | {"CommonLayer", "ReceiptLayer"}


def test_local_parameters_can_be_changed_one_by_one() -> None:
    changed = template_overrides.parameters({"PublicBaseUrl": "http://jgets-member.localhost:1"})
    assert changed["PublicBaseUrl"] == "http://jgets-member.localhost:1"
    assert changed["Stage"] == "local"
    assert changed["Architecture"] in {"arm64", "x86_64"}
