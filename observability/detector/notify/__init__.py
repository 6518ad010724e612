"""Outbox to channels, at least once, always with the same dedup key. CHANNELS lists them in the order in which they are told."""

from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.notify.channel import Channel, DeliveryFailed, Message, recipients
from observability.detector.notify.delivery import Outbox, deliver
from observability.detector.notify.page import Page, Places, page_of
from observability.detector.notify.webhook import Webhook

CHANNELS = (Webhook, Alertmanager)

__all__ = [
    "CHANNELS",
    "Alertmanager",
    "Channel",
    "DeliveryFailed",
    "Message",
    "Outbox",
    "Page",
    "Places",
    "Webhook",
    "deliver",
    "page_of",
    "recipients",
]
