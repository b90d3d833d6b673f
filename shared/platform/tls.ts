/**
 * Whether a connection failed because one side does not trust the other's certificate: it is of an unknown authority or
 * has expired, or the server refuses the client's. Node's names: "X509 certificate error codes"; OpenSSL's end in
 * `ALERT_…CERTIFICATE…` or `ALERT_UNKNOWN_CA`.
 */
export function isRefusedCertificate(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)|ALERT_\w*(CERTIFICATE|UNKNOWN_CA)/.test(code);
}
