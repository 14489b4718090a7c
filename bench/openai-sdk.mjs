// A typical script with the openai package: upload, create, poll, download, match. openai-sdk.mjs INPUT RESULTS
import fs from 'node:fs';
import readline from 'node:readline';
import OpenAI from 'openai';

const [input, output] = process.argv.slice(2);
const client = new OpenAI();

const file = await client.files.create({ file: fs.createReadStream(input), purpose: 'batch' });
let batch = await client.batches.create({
  input_file_id: file.id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
});
const ended = ['completed', 'failed', 'expired', 'cancelled'];
for (let polls = 0; !ended.includes(batch.status) && polls < 10_000; polls++) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  batch = await client.batches.retrieve(batch.id);
}
if (batch.status !== 'completed') throw new Error(`the batch is ${batch.status}`);

const answers = new Map();
const text = await (await client.files.content(batch.output_file_id)).text();
for (const line of text.split('\n')) {
  if (line) {
    const answer = JSON.parse(line);
    answers.set(answer.custom_id, answer);
  }
}
const results = fs.createWriteStream(output);
let matched = 0;
for await (const line of readline.createInterface({ input: fs.createReadStream(input), crlfDelay: Infinity })) {
  const answer = answers.get(JSON.parse(line).custom_id);
  if (answer) {
    matched++;
    if (!results.write(JSON.stringify(answer) + '\n')) {
      await new Promise((resolve) => results.once('drain', resolve));
    }
  }
}
await new Promise((resolve) => results.end(resolve));
console.log(`${matched} results`);
