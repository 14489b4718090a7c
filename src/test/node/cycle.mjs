// OpenAI's own client, unmodified, through all of the embedded server. cycle.mjs URL KEY URL-THAT-ALLOWS-ONE-REQUEST
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';

const [url, key, limited] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const text = async (id) => (await client.files.content(id)).text();
const lines = async (id) => (await text(id)).trim().split('\n').map((line) => JSON.parse(line));
const request = (id, path, body) => JSON.stringify({ custom_id: id, method: 'POST', url: path, body }) + '\n';
const embedding = (id) => request(id, '/v1/embeddings', { model: 'all-MiniLM-L6-v2', input: id });
const chat = (id) => request(id, '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: id }] });

async function upload(content, name = 'requests.jsonl') {
  return client.files.create({ file: await toFile(Buffer.from(content), name), purpose: 'batch' });
}

async function until(batch, reached) {
  for (let polls = 0; polls < 500; polls++) {
    const now = await client.batches.retrieve(batch.id);
    if (reached(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${batch.id} did not come so far`);
}

const ended = (batch) => ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status);
const create = (file, endpoint, more = {}) =>
  client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', ...more });

async function files() {
  const file = await client.files.create({
    file: await toFile(Buffer.from('{"a":1}\n'), 'a.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  });
  assert.equal(file.expires_at, file.created_at + 3600);
  assert.equal(await text(file.id), '{"a":1}\n');
  const part = await client.files.content(file.id, { headers: { Range: 'bytes=1-3' } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), '"a"');
  for (const name of ['b.jsonl', 'c.jsonl', 'd.jsonl', 'e.jsonl']) await upload('{}\n', name);
  const names = [];
  for await (const each of client.files.list({ limit: 2, order: 'asc' })) names.push(each.filename);
  assert.deepEqual(names, ['a.jsonl', 'b.jsonl', 'c.jsonl', 'd.jsonl', 'e.jsonl']);
  assert.deepEqual(await client.files.delete(file.id), { id: file.id, object: 'file', deleted: true });
  await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
}

async function uploads() {
  const content = embedding('p1') + embedding('p2');
  const begun = await client.uploads.create({
    filename: 'parts.jsonl',
    purpose: 'batch',
    bytes: content.length,
    mime_type: 'application/jsonl',
  });
  const parts = [];
  for (const half of [content.slice(0, 50), content.slice(50)]) {
    parts.push(await client.uploads.parts.create(begun.id, { data: await toFile(Buffer.from(half), 'part') }));
  }
  const done = await client.uploads.complete(begun.id, { part_ids: parts.map((part) => part.id) });
  assert.equal(done.status, 'completed');
  assert.equal(await text(done.file.id), content);
  await assert.rejects(client.uploads.cancel(begun.id), OpenAI.BadRequestError);
  return done.file;
}

async function batches(file) {
  const created = await create(file, '/v1/embeddings', {
    metadata: { run: 'node' },
    output_expires_after: { anchor: 'created_at', seconds: 7200 },
  });
  assert.equal(created.status, 'validating');
  const batch = await until(created, ended);
  assert.equal(batch.status, 'completed');
  assert.deepEqual(batch.metadata, { run: 'node' });
  assert.deepEqual(batch.request_counts, { total: 2, completed: 2, failed: 0 });
  const ids = (await lines(batch.output_file_id)).map((line) => line.custom_id);
  assert.deepEqual(ids.sort(), ['p1', 'p2']);
  const output = await client.files.retrieve(batch.output_file_id);
  assert.equal(output.expires_at, output.created_at + 7200);
  await create(file, '/v1/embeddings');
  await create(file, '/v1/embeddings');
  const listed = [];
  for await (const each of client.batches.list({ limit: 1 })) listed.push(each.id);
  assert.equal(listed.length, 3);
  assert.equal(listed[2], batch.id);
  await assert.rejects(client.batches.cancel(batch.id), OpenAI.ConflictError);
}

async function cancelled() {
  const created = await create(await upload(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map(chat).join('')), '/v1/chat/completions');
  await until(created, (batch) => batch.request_counts.completed === 2);
  assert.match((await client.batches.cancel(created.id)).status, /^cancell/);
  const batch = await until(created, ended);
  assert.equal(batch.status, 'cancelled');
  assert.ok(batch.cancelling_at <= batch.cancelled_at);
  assert.equal((await lines(batch.output_file_id)).length, 2);
  const rest = await lines(batch.error_file_id);
  assert.deepEqual([...new Set(rest.map((line) => line.error.code))], ['batch_cancelled']);
  assert.equal(rest.length, 4);
}

async function refusals() {
  const failed = await until(await create(await upload('no json\n'), '/v1/embeddings'), ended);
  assert.equal(failed.status, 'failed');
  assert.equal(failed.errors.data[0].code, 'invalid_json_line');
  assert.equal(failed.errors.data[0].line, 1);
  await assert.rejects(client.batches.create({ input_file_id: 'f' }), OpenAI.BadRequestError);
  await assert.rejects(client.batches.retrieve('batch_1'), OpenAI.NotFoundError);
  await assert.rejects(upload('{}', 'a.csv'), OpenAI.BadRequestError);
  await assert.rejects(client.withOptions({ apiKey: 'wrong' }).files.list(), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, 'invalid_api_key');
    assert.ok(error.requestID);
    return true;
  });
  const hasty = client.withOptions({ baseURL: `${limited}/v1` });
  await hasty.files.list();
  await assert.rejects(hasty.files.list(), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError);
    assert.equal(error.code, 'rate_limit_exceeded');
    return true;
  });
}

await files();
await batches(await uploads());
await cancelled();
await refusals();
