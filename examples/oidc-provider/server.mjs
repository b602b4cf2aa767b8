// An OpenID provider with its own development forms: any login name with any password is a user.
// Keys are made when it starts, and all state is in memory.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.argv[2] ?? 9090);
const issuer = `http://127.0.0.1:${port}`;

const key = (kid, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
});

const provider = new Provider(issuer, {
  jwks: {
    keys: [
      { ...key('rsa-1', 'rsa', { modulusLength: 2048 }), alg: 'RS256' },
      { ...key('ec-1', 'ec', { namedCurve: 'P-256' }), alg: 'ES256' },
    ],
  },
  clients: [
    {
      client_id: 'web',
      client_secret: 'web-secret',
      redirect_uris: ['https://client.example/cb'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: 'mobile',
      client_secret: 'mobile-secret',
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'ES256',
      redirect_uris: ['https://client.example/cb'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: 'service',
      client_secret: 'service-secret',
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    },
  ],
  pkce: { required: () => true },
  cookies: { keys: ['example'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  scopes: ['openid', 'offline_access', 'email', 'reports'],
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
});

provider.listen(port, '127.0.0.1', () => console.log(`${issuer}/.well-known/openid-configuration`));
