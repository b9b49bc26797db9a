"""Stands before a gateway on loopback, byte for byte, with TLS or without.

    python3 benches/tls-front.py PORT-OF-GATEWAY LOG [CERTIFICATE KEY]

Prints the port it listens on. Each piece it carries becomes a line of LOG: when (the
monotonic clock, in nanoseconds), which way (`up` to the gateway, `down` from it) and
its first bytes.
"""

import asyncio
import ssl
import sys
import time


async def copy(reader, writer, way, log):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            log.write(f"{time.monotonic_ns()} {way} {data[:40]!r}\n")
            log.flush()
            await writer.drain()
    except OSError:
        pass  # Whoever hangs up ends it.
    finally:
        writer.close()


async def main(port, log, certificate=None, key=None):
    async def serve(reader, writer):
        upstream = await asyncio.open_connection("127.0.0.1", int(port))
        await asyncio.gather(
            copy(reader, upstream[1], "up", log), copy(upstream[0], writer, "down", log)
        )

    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with open(sys.argv[2], "a", encoding="utf-8") as log:
    asyncio.run(main(sys.argv[1], log, *sys.argv[3:]))
