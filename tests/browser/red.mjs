// A red run to look at: the mock, a proxy in front of it that breaks two promises, and `probity run`.
//
//   node tests/browser/red.mjs FOLDER [FILTER…]      writes the reports and console.txt into FOLDER
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join, resolve } from 'node:path';

const [folder, ...filters] = process.argv.slice(2);
const probity = process.env.PROBITY ?? 'target/debug/probity';
mkdirSync(folder, { recursive: true });

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const free = async () => {
  const server = http.createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
};

// What the target does otherwise than its documents: a lifetime that is a text, and another code.
const broken = (path, status, body) =>
  (path.includes('skip-update') && status === 200 ? body.replace(/"expire":(\d+)/, '"expire":"$1"') : body).replaceAll('PARAM.0002', 'PARAM.0009');

const proxy = (upstream) => http.createServer((request, response) => {
  const { method, url, headers } = request;
  const passed = http.request({ host: '127.0.0.1', port: upstream, method, path: url, headers }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      const body = Buffer.from(broken(url, answer.statusCode, Buffer.concat(parts).toString()));
      const kept = Object.entries(answer.headers).filter(([name]) => !['content-length', 'transfer-encoding', 'connection'].includes(name));
      response.writeHead(answer.statusCode, { ...Object.fromEntries(kept), 'content-length': body.length });
      response.end(body);
    });
  });
  passed.on('error', () => response.destroy());
  request.pipe(passed);
});

const port = await free();
const mock = spawn(probity, ['mock', '--edition', 'ciam', '--port', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
let code = 1;
try {
  await new Promise((done, fail) => {
    mock.stdout.once('data', done);
    mock.once('error', fail);
    mock.once('exit', () => fail(new Error('the mock ended')));
  });
  const server = proxy(port);
  const address = `http://127.0.0.1:${await listening(server)}`;
  const target = join(folder, 'target.yaml');
  writeFileSync(target, `name: staging\nextends: ${resolve('tenants/mock.yaml')}\ntest_tenant: A mock on this machine.\neditions:\n  ciam: { base_url: "${address}" }\n`);
  const words = ['run', ...(filters.length ? filters : ['ciam/skip-update', 'eiam/skip-update']), '--target', target, '--output-dir', folder];
  const run = spawn(probity, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, CLICOLOR_FORCE: '1' } });
  const parts = [];
  run.stdout.on('data', (part) => parts.push(part));
  const ended = await new Promise((done) => run.once('close', done));
  writeFileSync(join(folder, 'console.txt'), Buffer.concat(parts));
  server.close();
  server.closeAllConnections();
  // 1 is what is wanted: rows failed.
  code = ended === 1 ? 0 : 1;
  if (code) console.error(`the run ended with ${ended} and not with 1`);
} finally {
  mock.kill();
}
process.exit(code);
