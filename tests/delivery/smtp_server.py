"""A mail server on loopback for the tests: tells its port, then each mail that it accepts, as a line of JSON.

    smtp_server.py [CERTIFICATE KEY]    with them it offers STARTTLS

Mails to busy@… are put off with 451. Mails to echo@… are refused with 554 and quoted, as filters for spam do.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
        if envelope.rcpt_tos[0].startswith("busy@"):
            return "451 4.3.0 later"
        if envelope.rcpt_tos[0].startswith("echo@"):
            links = [word for word in parts["text/plain"].split() if word.startswith("https:")]
            return f"554 5.7.1 Message contains {links[0]}"
        headers = [[name, str(value)] for name, value in mail.items() if name != "Content-Type"]
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "type": mail.get_content_type(),
            "headers": headers,
            "parts": parts,
            "defects": [type(defect).__name__ for part in mail.walk() for defect in part.defects],
        })
        return "250 2.0.0 accepted"


async def main(certificate):
    # What clients do wrong is what the tests are about.
    logging.disable(logging.CRITICAL)
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), hostname="test", tls_context=context, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    say({"port": server.sockets[0].getsockname()[1]})
    # A test that is gone has closed it.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(sys.argv[1:]))
