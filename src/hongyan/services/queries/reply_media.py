"""The pictures and sounds that handsets sent."""

from hongyan.model.errors import NotFound
from hongyan.model.mms import Media
from hongyan.model.phone import national
from hongyan.ports.tx.queries import ListsTx


def newest_mms_from(tx: ListsTx, phone: int) -> tuple[Media, ...]:
    """Returns the parts of the newest MMS that a phone sent; a part that was dropped is empty. raises: NotFound"""
    reply_id = tx.last_mms_from(phone)
    if reply_id is None:
        raise NotFound("no MMS came from {phone}", phone=national(phone))
    return tx.media_of_reply(reply_id)
