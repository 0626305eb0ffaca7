import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCoordinator } from '../../coordinator/coordinator.ts';
import { serve } from '../../coordinator/server.ts';
import { createStore } from '../../coordinator/store/open.ts';
import { handClock } from '../support/hand-clock.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { adminClient } from '../support/admin-client.ts';
import { PASSPHRASE } from '../support/open-consortium.ts';
import { refusalOf } from '../support/signing-member.ts';

// For coordinator.test, valid for a hundred years, made with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256
// -nodes -days 36500 -subj "/CN=coordinator.test" -addext "subjectAltName=DNS:coordinator.test"
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqjCCAVCgAwIBAgIUc3dVxePXd06l7UlfgG1DwMa96YQwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQY29vcmRpbmF0b3IudGVzdDAgFw0yNjExMjMwMTU5MjJaGA8y
MTI2MTAzMDAxNTkyMlowGzEZMBcGA1UEAwwQY29vcmRpbmF0b3IudGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABPCWRicWeJHZAxbrB8wH1UTt45q4ThQ7K1AD
9qeTcBQGTVjReRTyMtszGkMnUnl5iXPMqogQOzD16GUFmYGQOqyjcDBuMB0GA1Ud
DgQWBBTdUQAczIGW1wtqZC90JDLD4mlj/TAfBgNVHSMEGDAWgBTdUQAczIGW1wtq
ZC90JDLD4mlj/TAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEGNvb3JkaW5h
dG9yLnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIgGIxuqhjkjo8vY6Re4AEcEF8H7WUL
vYd10u+ePZVtrEQCIQDMGzMvEUK4qoVRi4cjKeZW3svG3BwcT6RP/yf3t6vGMA==
-----END CERTIFICATE-----
`;
const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgppotva5QcAaPoJZD
ACx1gXMQUa6g0OjflsrH4IPGjDChRANCAATwlkYnFniR2QMW6wfMB9VE7eOauE4U
OytQA/ank3AUBk1Y0XkU8jLbMxpDJ1J5eYlzzKqIEDsw9ehlBZmBkDqs
-----END PRIVATE KEY-----
`;

describe('a coordinator with a certificate', () => {
  it('serves members over TLS and its operator on loopback only', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'coordinator');
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(cert, CERTIFICATE);
    writeFileSync(key, PRIVATE_KEY);
    const clock = handClock();
    (await createStore({ home, passphrase: PASSPHRASE, consortium: 'test', name: 'Test', now: clock.now })).close();
    const coordinator = await openCoordinator({ home, passphrase: PASSPHRASE, clock, report: () => {} });
    const server = await serve(coordinator, { host: '127.0.0.1', port: 0, tls: { cert, key } });
    onTestFinished(async () => {
      await server.close();
      await coordinator.close();
    });
    expect(server.url).toMatch(/^https:/);
    const ask = (service: string, method: string, body: object) =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const path = `${server.url}/assent.v1.${service}/${method}`;
        const options = {
          method: 'POST',
          ca: CERTIFICATE,
          servername: 'coordinator.test',
          headers: { 'content-type': 'application/json' },
        };
        request(path, options, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () => resolve({ status: answer.statusCode, text }));
        })
          .on('error', reject)
          .end(JSON.stringify(body));
      });
    const hello = await ask('CoordinatorService', 'Hello', { protocolVersions: [1], schemaVersions: [1] });
    expect([hello.status, JSON.parse(hello.text)]).toMatchObject([200, { consortium: 'test' }]);
    expect((await ask('AdminService', 'ListMembers', {})).status).toBe(404);
    await adminClient(home).listMembers({});
    expect(await refusalOf(adminClient(home, { token: 'guessed' }).listMembers({}))).toBe('OPERATOR_ONLY');
  });
});
