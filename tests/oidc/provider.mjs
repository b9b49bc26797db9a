// A certified OpenID provider for tests, on loopback. It prints its address first.
// The person at the browser is played through /test/..., everything else is real.
import http from 'node:http';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const modules = path.join(process.cwd(), 'node_modules/oidc-provider/lib/index.js');
const { Provider } = await import(pathToFileURL(modules).href);

const CLIENT = 'airlock-exec-tests';
const SCOPE = 'openid offline_access';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const valid = new Set();
const grants = [];
let slowDowns = 0;
let isOver = false;

// Whoever started us holds the other end; it ends with them.
process.stdin.resume().on('end', () => process.exit(0));

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT,
      application_type: 'native',
      grant_types: [DEVICE, 'refresh_token'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'none',
    }],
    cookies: { keys: ['for tests'] },
    features: { deviceFlow: { enabled: true }, revocation: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: true,
  });
  provider.on('access_token.saved', (token) => valid.add(token.jti));
  provider.on('access_token.destroyed', (token) => valid.delete(token.jti));
  provider.use(async (context, next) => {
    if (context.method === 'POST' && context.path === '/token' && slowDowns > 0) {
      slowDowns -= 1;
      grants.push({ kind: 'slow_down', at: Date.now() });
      context.status = 400;
      context.body = { error: 'slow_down' };
      return;
    }
    if (context.method === 'POST' && context.path === '/token' && isOver) {
      context.status = 400;
      context.body = { error: 'expired_token' };
      return;
    }
    await next();
    if (context.path === '/device/auth' && context.body?.device_code) context.body.interval = 1;
    if (context.path === '/token/revocation') grants.push({ kind: 'revoked', status: context.status });
    if (context.path === '/token') {
      const kind = context.oidc?.params?.grant_type === DEVICE ? 'device' : 'refresh';
      grants.push({ kind, status: context.status, at: Date.now() });
    }
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url, issuer);
    if (!url.pathname.startsWith('/test/')) return callback(request, response);
    played(provider, url)
      .then(([status, body]) => { response.statusCode = status; response.end(JSON.stringify(body)); })
      .catch((error) => { response.statusCode = 500; response.end(String(error)); });
  });
  process.stdout.write(`${issuer}\n`);
});

// What a person does in the browser, and what a test wants to know.
async function played(provider, url) {
  const argument = url.searchParams.get('v');
  switch (url.pathname) {
    case '/test/approve': return decide(provider, argument, async (code) => {
      const grant = new provider.Grant({ accountId: 'anna', clientId: CLIENT });
      grant.addOIDCScope(SCOPE);
      Object.assign(code, {
        accountId: 'anna', authTime: Math.floor(Date.now() / 1000), claims: {}, scope: SCOPE,
        grantId: await grant.save(),
      });
    });
    case '/test/deny': return decide(provider, argument, async (code) => {
      Object.assign(code, { error: 'access_denied', errorDescription: 'the person said no' });
    });
    case '/test/expire': isOver = true; return [200, {}];
    case '/test/is-valid': return [valid.has(argument) ? 200 : 401, {}];
    case '/test/forget-access': valid.clear(); return [200, {}];
    case '/test/die': process.exit(0);
    case '/test/slow-down': slowDowns = Number(argument); return [200, {}];
    case '/test/grants': return [200, grants];
    default: return [404, {}];
  }
}

async function decide(provider, userCode, change) {
  const plain = userCode.replace(/[^A-Z0-9]/gi, '').toUpperCase();
  const code = await provider.DeviceCode.findByUserCode(plain, { ignoreExpiration: true });
  if (!code) return [404, {}];
  await change(code);
  await code.save(600);
  return [200, {}];
}
