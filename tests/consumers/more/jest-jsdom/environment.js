// What many suites do: lend jsdom Node's own fetch and decoder. AbortController and its signals stay jsdom's.
const { TestEnvironment } = require(require.resolve("jest-environment-jsdom", { paths: [process.cwd()] }));

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { fetch, Headers, Request, Response, TextDecoder, TextEncoder });
  }
};
