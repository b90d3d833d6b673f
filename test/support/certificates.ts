import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a server's certificate and of the private authority that signed it. */
export interface Certificates {
  /** The authority's certificate, in PEM. */
  ca: string;
  files: { ca: string; cert: string; key: string /** Key and certificate in one. */; both: string };
}

/**
 * A private authority, and a certificate from it for a server at 127.0.0.1, under no other name.
 * @throws when openssl is missing.
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    run('openssl', args, { cwd: folder }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error('openssl is missing: install it (Debian: apt-get install openssl).');
    });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [ca, key, cert, both] = ['ca.pem', 'server.key', 'server.pem', 'both.pem'].map(file) as [
    string,
    string,
    string,
    string,
  ];
  await openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', ca, '-days', '2'],
    ...['-subj', '/CN=An authority of a test', '-addext', 'keyUsage=critical,keyCertSign'],
  );
  await openssl('req', ...newKey, '-keyout', key, '-out', 'server.csr', '-subj', '/CN=server');
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1\n');
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', ca, '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names', '-out', cert],
  );
  await writeFile(both, (await readFile(key, 'utf8')) + (await readFile(cert, 'utf8')), { mode: 0o600 });
  return { ca: await readFile(ca, 'utf8'), files: { ca, cert, key, both } };
}
