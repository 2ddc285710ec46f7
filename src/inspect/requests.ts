// Who may ask the inspector: programs of this machine, and its own pages. A page of another site can make
// a browser ask 127.0.0.1 too; it is told from ours by the Host and Origin that browsers send. Pure.

export interface AskedRequest {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

export interface Refusal {
  readonly status: 403 | 405 | 421;
  readonly why: string;
}

/** Null: it is served. */
export function judgeRequest(
  { method, host = '', origin }: AskedRequest,
  port: number,
): Refusal | null {
  // A name of somebody else's that was made to lead here (DNS rebinding).
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!own.includes(host.toLowerCase())) {
    return { status: 421, why: `This inspector is served as ${own.join(' or ')} only.` };
  }
  // No browser leaves the origin out of what a page of another site asks by a script or a websocket.
  if (origin !== undefined && !own.some((each) => origin.toLowerCase() === `http://${each}`)) {
    return { status: 403, why: 'This inspector answers no pages of other origins.' };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, why: 'This inspector only shows: it takes GET and HEAD.' };
  }
  return null;
}

/** Headers of every answer. `allowed` is what the page may load beside its own files. */
export function securityHeaders(port: number, allowed = ''): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    // Not every browser takes 'self' for a websocket too.
    `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(allowed === '' ? [] : [allowed]),
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  };
}
