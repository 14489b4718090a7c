// Reads a JSONL file line by line with JSON.parse, like a script that checks custom_ids.
import fs from 'node:fs';
import readline from 'node:readline';

const seen = new Set();
let lines = 0;
for await (const line of readline.createInterface({ input: fs.createReadStream(process.argv[2]), crlfDelay: Infinity })) {
  seen.add(JSON.parse(line).custom_id);
  lines++;
}
console.log(`${lines} lines, ${seen.size} ids`);
