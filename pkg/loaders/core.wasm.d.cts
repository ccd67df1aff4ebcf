/** The compiled module, as Cloudflare Workers and edge runtimes import it. Elsewhere, ask your bundler for its URL or bytes. */
declare const module: WebAssembly.Module;
export = module;
