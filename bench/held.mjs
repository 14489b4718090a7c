// Holds many calls and many event streams of one Caravan at once, and compares every answer with its request.
// node bench/held.mjs URL PID HELD STREAMS; the Caravan needs CARAVAN_UPSTREAM_URL=http://127.0.0.1:18399/v1, which this script serves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [url, pid, held, streams] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const { hostname, port } = new URL(url);
const started = Date.now();
const say = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s  ${text}`);

http
  .createServer((call, answer) => {
    let body = '';
    call.on('data', (some) => (body += some));
    call.on('end', () => {
      const { model, messages } = JSON.parse(body);
      const message = { role: 'assistant', content: messages.at(-1).content };
      answer.setHeader('Content-Type', 'application/json');
      answer.end(JSON.stringify({ id: 'c', object: 'chat.completion', model, choices: [{ index: 0, message, finish_reason: 'stop' }] }));
    });
  })
  .listen(18399, '127.0.0.1');

async function json(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    body,
    headers: body ? { 'Content-Type': path.endsWith('bulk') ? 'application/x-ndjson' : 'application/json' } : {},
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

function memory(when) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name) => status.match(new RegExp(`${name}:\\s+(\\d+)`))[1];
  execFileSync('jcmd', [String(pid), 'GC.run']);
  const heap = execFileSync('jcmd', [String(pid), 'GC.heap_info'], { encoding: 'utf8' });
  const used = [...heap.matchAll(/(?:DefNew|Tenured).*?used (\d+)K/g)].reduce((sum, it) => sum + Number(it[1]), 0);
  say(`${when}: threads ${read('Threads')}, resident ${Math.round(read('VmRSS') / 1024)} MB, heap in use ${Math.round(used / 1024)} MB`);
}

const chat = (text) => ({ model: 'm', messages: [{ role: 'user', content: text }] });
const open = (head, body, onData) =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => {
      socket.write(`${head}\r\nHost: localhost\r\n${body ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : ''}\r\n${body}`);
      resolve(socket);
    });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (some) => onData((text += some), socket));
    socket.on('error', reject);
  });
async function inTurn(count, at, step) {
  let next = 0;
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (next < count) await step(next++);
    }),
  );
}

memory('before');
const lines = Array.from({ length: streams }, (_, i) => JSON.stringify({ custom_id: `${started}-${i}`, data: chat(`event ${i}`) }));
const ids = [];
if (streams) {
  const receipt = await json('POST', '/batch/queue/bulk', lines.join('\n'));
  say(JSON.stringify(receipt).slice(0, 200));
  let after = '';
  for (let more = true; more; ) {
    const page = await json('GET', `/batch/requests?limit=1000&status=queued&after=${after}`);
    ids.push(...page.data.map((it) => it.id));
    after = page.data.at(-1)?.id;
    more = page.has_more;
  }
  say(`${ids.length} requests queued in bulk`);
}
let begun = 0;
let events = 0;
await inTurn(ids.length, 100, (i) =>
  new Promise((resolve, reject) => {
    let first = true;
    let done = false;
    open(`GET /batch/events?request=${ids[i]} HTTP/1.1`, '', (text) => {
      if (first && text.includes('retry:')) {
        first = false;
        begun++;
        resolve();
      }
      if (!done && text.includes('event: request.completed')) {
        assert.ok(text.includes(ids[i]));
        done = true;
        events++;
      }
    }).catch(reject);
  }),
);
say(`${begun} streams are open`);
let answers = 0;
await inTurn(held, 100, async (i) => {
  let done = false;
  await open('POST /v1/chat/completions HTTP/1.1\r\nCaravan-Deadline: 1h', JSON.stringify(chat(`held ${i}.`)), (text, socket) => {
    if (!done && text.includes('\r\n\r\n') && text.includes('"finish_reason"')) {
      assert.ok(text.startsWith('HTTP/1.1 200'), text);
      assert.ok(text.includes(`"held ${i}."`), text);
      done = true;
      answers++;
      socket.destroy();
    }
  });
});
for (let queued = 0; queued < held + ids.length; ) {
  queued = (await json('GET', '/batch/queue/status')).queued;
  await new Promise((resolve) => setTimeout(resolve, 500));
}
say(`${held} calls are held`);
await new Promise((resolve) => setTimeout(resolve, 20_000)); // a heartbeat of every stream
memory('held');
await json('POST', '/batch/process/all');
say('batches made');
while (answers < held || events < ids.length) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (Date.now() - started > 500_000) break;
}
say(`${answers} answers, each that of its request; ${events} events`);
memory('after');
process.exit(answers === held && events === ids.length ? 0 : 1);
