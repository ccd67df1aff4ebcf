// The policy: Next.js puts the nonce on its own inline scripts. The package needs 'wasm-unsafe-eval'.
import { NextResponse } from "next/server";

export function proxy(request) {
  const nonce = crypto.randomUUID();
  const policy = `default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`;
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}
