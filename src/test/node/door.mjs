// OpenAI's own client, unmodified, as client of the queue. door.mjs URL
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [url] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
const headers = { 'Caravan-Deadline': '2m' };
const chat = (text, more = {}) => ({ model: 'm', messages: [{ role: 'user', content: text }], ...more });
const texts = (name, count) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

await Promise.all(
  texts('held', 20).map(async (text) => {
    const answer = await client.chat.completions.create(chat(text), { headers });
    assert.equal(answer.choices[0].message.content, text);
  }),
);

await Promise.all(
  texts('streamed', 10).map(async (text) => {
    const request = chat(text, { stream: true, stream_options: { include_usage: true } });
    let heard = '';
    let usage;
    for await (const chunk of await client.chat.completions.create(request, { headers })) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      heard += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(heard, text);
    assert.equal(usage.completion_tokens, text.length);
  }),
);

const embedding = await client.embeddings.create(
  { model: 'all-MiniLM-L6-v2', input: 'hello', encoding_format: 'float' },
  { headers },
);
assert.equal(embedding.data[0].embedding.length, 384);

await assert.rejects(client.chat.completions.create(chat('fail'), { headers }), (error) => {
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.code, 'echo');
  return true;
});
await assert.rejects(
  async () => {
    for await (const chunk of await client.chat.completions.create(chat('fail', { stream: true }), { headers })) {
      assert.fail(chunk);
    }
  },
  (error) => error instanceof OpenAI.APIError && error.code === 'echo',
);
await assert.rejects(
  client.chat.completions.create(chat('late'), { headers: { 'Caravan-Deadline': '2020-01-01T00:00:00Z' } }),
  (error) => error instanceof OpenAI.BadRequestError && error.code === 'invalid_deadline',
);

for (const prefix of ['', 'plain:']) {
  const model = `${prefix}m`;
  const answer = await client.responses.create({ model, input: `response ${prefix}` }, { headers });
  assert.equal(answer.output_text, `response ${prefix}`);

  const stream = client.responses.stream({ model, input: 'streamed response' }, { headers });
  let heard = '';
  stream.on('response.output_text.delta', (event) => (heard += event.delta));
  assert.equal((await stream.finalResponse()).output[0].content[0].text, 'streamed response');
  assert.equal(heard, 'streamed response');

  const metadata = { topic: 'door' };
  const begun = await client.responses.create({ model, input: 'later', background: true, metadata });
  assert.equal(begun.status, 'queued');
  let now = begun;
  while (now.status === 'queued' || now.status === 'in_progress') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = await client.responses.retrieve(begun.id);
    assert.equal(now.id, begun.id);
  }
  assert.equal(now.status, 'completed');
  assert.equal(now.output_text, 'later');
  await assert.rejects(client.responses.cancel(begun.id), OpenAI.BadRequestError);
  await client.responses.delete(begun.id);
  await assert.rejects(client.responses.retrieve(begun.id), OpenAI.NotFoundError);
}

const failing = await client.responses.create({ model: 'plain:m', input: 'fail', background: true });
let failed = failing;
while (failed.status === 'queued' || failed.status === 'in_progress') {
  await new Promise((resolve) => setTimeout(resolve, 100));
  failed = await client.responses.retrieve(failing.id);
}
assert.equal(failed.status, 'failed');
assert.equal(failed.error.code, 'invalid_prompt');

const unwanted = await client.responses.create({ model: 'm', input: 'unwanted', background: true });
assert.equal((await client.responses.cancel(unwanted.id)).status, 'cancelled');
assert.equal((await client.responses.retrieve(unwanted.id)).status, 'cancelled');

await assert.rejects(
  client.responses.create({
    model: 'plain:m',
    input: 'x',
    background: true,
    tools: [{ type: 'web_search' }],
  }),
  (error) => error instanceof OpenAI.BadRequestError && error.code === 'not_translatable',
);
