# Reads a JSONL file line by line with json.loads, like a script that checks custom_ids.
import json
import sys

seen = set()
lines = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        seen.add(json.loads(line)["custom_id"])
        lines += 1
print(f"{lines} lines, {len(seen)} ids")
