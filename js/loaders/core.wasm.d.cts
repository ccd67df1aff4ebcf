/** The compiled module, as Cloudflare Workers and edge runtimes import it. Elsewhere, ask your bundler for its URL or bytes. */
declare const compiled: object;
export = compiled;
