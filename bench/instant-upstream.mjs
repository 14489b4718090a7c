// A chat server that gives every request the same immediate answer; prints its port.
import http from 'node:http';

const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'instant',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'An answer of a usual length, as a classification or a short summary has it.' },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 },
  }),
);
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
