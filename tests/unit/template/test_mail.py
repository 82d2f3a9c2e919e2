"""What SES tells of mails reaches the function, and the alarms ring before SES acts."""

import pytest

from portal.mail.event import Happened
from tests.unit.template.loading import events, functions, load

TEMPLATE = load()
RESOURCES = TEMPLATE["Resources"]
TOLD = {
    Happened.SENT: ("send", "Email Sent"),
    Happened.DELIVERED: ("delivery", "Email Delivered"),
    Happened.DELAYED: ("deliveryDelay", "Email Delivery Delayed"),
    Happened.BOUNCED: ("bounce", "Email Bounced"),
    Happened.COMPLAINED: ("complaint", "Email Complaint Received"),
    Happened.REJECTED: ("reject", "Email Rejected"),
}
FAILURES = {"Fn::GetAtt": ["FailureQueue", "Arn"]}


def test_ses_tells_every_kind_that_is_read_and_no_opens_or_clicks() -> None:
    properties = RESOURCES["MailEventDestination"]["Properties"]
    destination = properties["EventDestination"]
    assert properties["ConfigurationSetName"] == {"Ref": "MailConfigurationSet"}
    assert destination["Enabled"] is True
    assert set(destination["MatchingEventTypes"]) == {TOLD[one][0] for one in Happened}
    bus = destination["EventBridgeDestination"]["EventBusArn"]["Fn::Sub"]
    assert bus.endswith(":event-bus/default")


def test_the_rule_hands_on_these_kinds_of_this_stage_alone() -> None:
    (rule,) = events(functions(TEMPLATE)["MailEvents"], "EventBridgeRule")
    pattern = rule["Pattern"]
    assert pattern["source"] == ["aws.ses"]
    assert set(pattern["detail-type"]) == {TOLD[one][1] for one in Happened}
    assert pattern["detail"]["mail"]["tags"] == {
        "ses:configuration-set": [{"Ref": "MailConfigurationSet"}]
    }


def test_an_event_that_cannot_be_handed_on_is_kept() -> None:
    (rule,) = events(functions(TEMPLATE)["MailEvents"], "EventBridgeRule")
    assert rule["DeadLetterConfig"] == {"Arn": FAILURES}
    assert rule["RetryPolicy"]["MaximumRetryAttempts"] > 0
    (statement,) = RESOURCES["FailureQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == FAILURES


def test_an_event_that_met_a_silent_database_is_tried_again() -> None:
    invoked = functions(TEMPLATE)["MailEvents"]["EventInvokeConfig"]
    assert invoked["MaximumRetryAttempts"] == 2


@pytest.mark.parametrize(
    ("alarm", "metric", "threshold", "review"),
    [
        ("MailBounceRateAlarm", "Reputation.BounceRate", 0.03, 0.05),
        ("MailComplaintRateAlarm", "Reputation.ComplaintRate", 0.0005, 0.001),
    ],
)
def test_an_alarm_rings_before_ses_reviews_the_account(
    alarm: str, metric: str, threshold: float, review: float
) -> None:
    properties = RESOURCES[alarm]["Properties"]
    assert (properties["Namespace"], properties["MetricName"]) == ("AWS/SES", metric)
    assert properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert properties["Threshold"] == threshold < review
