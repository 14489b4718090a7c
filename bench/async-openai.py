# The usual pattern for parallel requests: AsyncOpenAI, a semaphore, gather. async-openai.py WORKERS INPUT RESULTS
import asyncio
import json
import sys
import time

from openai import AsyncOpenAI


async def answer(client, free, line, results):
    async with free:
        request = json.loads(line)
        completion = await client.chat.completions.create(**request["body"])
        results.write(json.dumps({"custom_id": request["custom_id"], "body": completion.model_dump()}) + "\n")


async def main(workers, source, target):
    free = asyncio.Semaphore(workers)
    with open(source) as lines, open(target, "w") as results:
        async with AsyncOpenAI() as client:
            start = time.monotonic()
            await asyncio.gather(*(answer(client, free, line, results) for line in lines))
            print(time.monotonic() - start)


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
