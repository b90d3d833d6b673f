import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Files of a server's certificate and of the private authority that signed it. */
export interface Certificates {
  /** The authority's certificate, in PEM. */
  ca: string;
  /** A client's certificate from the same authority, under the names that Lambda's poller wants. */
  client: { certificate: string; privateKey: string };
  files: { ca: string; cert: string; key: string /** Key and certificate in one. */; both: string };
}

/** A private authority, and a certificate from it for a server at 127.0.0.1, under no other name. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const common = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'An authority of a test' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'server' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const client = await generate([{ name: 'commonName', value: 'client' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
  });
  const write = async (name: string, text: string) => {
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    ca: authority.cert,
    client: { certificate: client.cert, privateKey: client.private },
    files: {
      ca: await write('ca.pem', authority.cert),
      cert: await write('server.pem', server.cert),
      key: await write('server.key', server.private),
      both: await write('both.pem', `${server.private}\n${server.cert}`),
    },
  };
}
