// A queue that people build themselves: pg-boss behind Node's HTTP server. POST /queue takes one job, POST /bulk takes lines.
import http from 'node:http';
import PgBoss from 'pg-boss';

const boss = new PgBoss({ connectionString: process.argv[2], max: 16 });
boss.on('error', (error) => console.error(error.message));
await boss.start();
await boss.createQueue('requests');

const body = async (request) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

const server = http.createServer(async (request, response) => {
  try {
    const text = await body(request);
    if (request.url === '/queue') {
      const id = await boss.send('requests', JSON.parse(text));
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'queued' }));
      return;
    }
    const jobs = text.split('\n').filter(Boolean).map((line) => ({ name: 'requests', data: JSON.parse(line) }));
    for (let i = 0; i < jobs.length; i += 1000) await boss.insert(jobs.slice(i, i + 1000));
    response.writeHead(202).end(JSON.stringify({ accepted: jobs.length }));
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
