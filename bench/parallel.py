# A typical asyncio script: WORKERS workers post requests and append the answers. parallel.py URL WORKERS INPUT RESULTS
import asyncio
import json
import sys
import time

import aiohttp


async def worker(session, url, lines, results, counts):
    for line in lines:
        request = json.loads(line)
        for attempt in range(5):
            async with session.post(url, json=request["body"]) as response:
                body = await response.json()
                if response.status < 500 and response.status != 429:
                    break
            await asyncio.sleep(2**attempt)
        results.write(json.dumps([request, body]) + "\n")
        counts["completed"] += 1


async def main(base, workers, source, target):
    counts = {"completed": 0}
    with open(source) as lines, open(target, "w") as results:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=workers)) as session:
            start = time.monotonic()
            url = base + "/chat/completions"
            await asyncio.gather(*(worker(session, url, lines, results, counts) for _ in range(workers)))
            print(time.monotonic() - start)
    return counts


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
