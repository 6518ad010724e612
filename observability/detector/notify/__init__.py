"""Outbox to channels, at least once, always with the same dedup key. `open_channels` has them in the order of telling."""

from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.notify.channel import Channel, DeliveryFailed, Message, recipients
from observability.detector.notify.delivery import Outbox, deliver
from observability.detector.notify.http import ask
from observability.detector.notify.loopback import Loopback
from observability.detector.notify.opening import open_channels
from observability.detector.notify.page import Page, Places, page_of
from observability.detector.notify.pagerduty import PagerDuty
from observability.detector.notify.sending import KEEP_TRYING
from observability.detector.notify.slack import Slack
from observability.detector.notify.steps import usual
from observability.detector.notify.webhook import Webhook

__all__ = [
    "KEEP_TRYING",
    "Alertmanager",
    "Channel",
    "DeliveryFailed",
    "Loopback",
    "Message",
    "Outbox",
    "Page",
    "PagerDuty",
    "Places",
    "Slack",
    "Webhook",
    "ask",
    "deliver",
    "open_channels",
    "page_of",
    "recipients",
    "usual",
]
