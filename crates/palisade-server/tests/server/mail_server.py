"""A mail server on a free port of this machine. Prints the port, then each message, as a mail program reads it, as a
line of JSON."""

import asyncio
import email
import email.policy
import json

from aiosmtpd.smtp import SMTP


class Print:
    async def handle_DATA(self, server, session, envelope):
        if "refused" in envelope.rcpt_tos[0]:
            return "550 <%s> is nobody here" % envelope.rcpt_tos[0]
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "head": envelope.content.decode("ascii").split("\r\n\r\n")[0],
            "text": parsed.get_content(),
        }
        print(json.dumps(message), flush=True)
        return "250 taken"


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Print(), hostname="localhost"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
