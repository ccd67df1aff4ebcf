// From import to first listing in a fresh process. Run as `node start.mjs ours` or with another
// client; prints milliseconds.
const [name] = process.argv.slice(2);
const { page } = await import("./pages.js");
const bytes = new TextEncoder().encode(page(100));
const answer = async () => new Response(bytes, { headers: { "content-type": "application/json" } });
await (await answer()).arrayBuffer();

const start = performance.now();
const { client } = await import(`./clients/${name}.js`);
const { runners } = await client(answer)(1, 100);
const took = performance.now() - start;
if (runners.length !== 100) throw new Error("not the page");
console.log(took);
