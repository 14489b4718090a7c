// A typical script with the openai package: WORKERS workers send the lines of a file. sdk-loop.mjs WORKERS INPUT RESULTS
import fs from 'node:fs';
import OpenAI from 'openai';

const [workers, input, output] = process.argv.slice(2);
const client = new OpenAI();
const requests = fs.readFileSync(input, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
const results = fs.createWriteStream(output);
const start = performance.now();
let next = 0;
async function worker() {
  while (next < requests.length) {
    const { custom_id, body } = requests[next++];
    const response = await client.chat.completions.create(body);
    results.write(JSON.stringify({ custom_id, response }) + '\n');
  }
}
await Promise.all(Array.from({ length: Number(workers) }, worker));
await new Promise((resolve) => results.end(resolve));
console.log((performance.now() - start) / 1000);
