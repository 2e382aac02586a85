"""The triggers of the log: they take the sequence and the digest inside the INSERT, and keep what is written.

A statement fails with SQLSTATE PL001 when the room has no head and PL002 when a text meets a resolved room;
the second needs a decision that the caller makes in a transaction.
"""

from typing import Final

import pgtrigger

from support.limits import PREVIEW_CHARACTERS

NO_HEAD: Final = "PL001"
RESOLVED: Final = "PL002"

# The digest's fields, in order; support/transcripts/chain.py computes the same in Python.
_CANONICAL = """
    int8send(NEW.room_id) || int8send(NEW.seq) || int8send(coalesce(NEW.public_seq, -1))
    || int4send(octet_length(convert_to(NEW.kind, 'UTF8'))) || convert_to(NEW.kind, 'UTF8')
    || int4send(octet_length(convert_to(NEW.author, 'UTF8'))) || convert_to(NEW.author, 'UTF8')
    || int4send(octet_length(convert_to(NEW.author_name, 'UTF8'))) || convert_to(NEW.author_name, 'UTF8')
    || uuid_send(NEW.client_id)
    || int8send((extract(epoch FROM NEW.created_at) * 1000000)::bigint)
    || NEW.body_hash
"""

_WORDS = """
    int4send(octet_length(convert_to(NEW.body, 'UTF8'))) || convert_to(NEW.body, 'UTF8')
    || int4send(octet_length(convert_to(NEW.payload::text, 'UTF8'))) || convert_to(NEW.payload::text, 'UTF8')
"""

TAKE_SEQ = pgtrigger.Trigger(
    name="take_seq",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[
        ("head", "support_roomhead%ROWTYPE"),
        ("room_status", "text"),
        ("room_waiting", "timestamptz"),
        ("by_customer", "boolean := NEW.author LIKE 'customer:%'"),
        ("is_text", "boolean := NEW.kind = 'text'"),
    ],
    func=f"""
        -- The lock makes commit order the order of seq.
        SELECT * INTO head FROM support_roomhead WHERE room_id = NEW.room_id FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'room % has no head', NEW.room_id USING ERRCODE = '{NO_HEAD}';
        END IF;
        IF is_text THEN
            SELECT status, waiting_since INTO room_status, room_waiting FROM support_room WHERE id = NEW.room_id;
            IF room_status = 'resolved' THEN
                RAISE EXCEPTION 'room % is resolved', NEW.room_id USING ERRCODE = '{RESOLVED}';
            END IF;
        END IF;

        NEW.seq := head.seq + 1;
        NEW.public_seq := CASE WHEN NEW.internal THEN NULL ELSE head.public_seq + 1 END;
        NEW.created_at := greatest(clock_timestamp(), head.last_at + interval '1 microsecond');
        NEW.salt := uuid_send(gen_random_uuid());
        NEW.body_hash := sha256(NEW.salt || {_WORDS});
        NEW.digest := sha256(head.digest || {_CANONICAL});

        UPDATE support_roomhead SET
            seq = NEW.seq,
            public_seq = coalesce(NEW.public_seq, head.public_seq),
            digest = NEW.digest,
            last_at = NEW.created_at,
            customer_texts = head.customer_texts + (is_text AND by_customer)::int,
            staff_texts = head.staff_texts + (is_text AND NOT by_customer)::int,
            last_author = CASE WHEN is_text THEN NEW.author ELSE head.last_author END,
            last_name = CASE WHEN is_text THEN NEW.author_name ELSE head.last_name END,
            last_text = CASE WHEN is_text THEN left(NEW.body, {PREVIEW_CHARACTERS}) ELSE head.last_text END,
            last_text_at = CASE WHEN is_text THEN NEW.created_at ELSE head.last_text_at END
        WHERE room_id = NEW.room_id;

        IF is_text AND by_customer AND room_waiting IS NULL THEN
            UPDATE support_room SET waiting_since = NEW.created_at WHERE id = NEW.room_id;
        ELSIF is_text AND NOT by_customer AND room_waiting IS NOT NULL THEN
            UPDATE support_room SET waiting_since = NULL WHERE id = NEW.room_id;
        END IF;
        RETURN NEW;
    """,
)

KEEP_FIELDS = pgtrigger.Trigger(
    name="keep_fields",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="""
        RAISE EXCEPTION 'entries of the log are not changed: write another entry';
    """,
)

KEEP_ENTRIES = pgtrigger.Protect(name="keep_entries", operation=pgtrigger.Delete)
