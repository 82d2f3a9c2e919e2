"""Where an invoice stands, in the office's words."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.billing.model import InvoiceState

STATE_WORDS: Mapping[InvoiceState, str] = MappingProxyType(
    {
        InvoiceState.UNPAID: "未払い",
        InvoiceState.PAID: "支払済",
        InvoiceState.REFUNDED: "返金済",
        InvoiceState.WAIVED: "免除",
        InvoiceState.CANCELLED: "取消",
    }
)
