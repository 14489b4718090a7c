# The core of the script in OpenAI's cookbook (api_request_parallel_processor.py): a loop that starts a request and then sleeps for
# a millisecond, and a task per request that opens the results file and appends to it. Without token counting and limits.
# cookbook.py URL INPUT RESULTS
import asyncio
import json
import sys
import time

import aiohttp


async def call(session, url, request, target, running):
    async with session.post(url, json=request["body"]) as response:
        body = await response.json()
    with open(target, "a") as results:
        results.write(json.dumps([request, body]) + "\n")
    running["count"] -= 1


async def main(base, source, target):
    running = {"count": 0}
    tasks = set()
    open(target, "w").close()
    with open(source) as lines:
        async with aiohttp.ClientSession() as session:
            start = time.monotonic()
            for line in lines:
                running["count"] += 1
                task = asyncio.create_task(call(session, base + "/chat/completions", json.loads(line), target, running))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                await asyncio.sleep(0.001)
            while running["count"]:
                await asyncio.sleep(0.001)
            print(time.monotonic() - start)


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3]))
