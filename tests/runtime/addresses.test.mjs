// Where requests may go. A path is allowed if the given fetch resolves it. A token goes over plain http only to this
// machine, or if the caller allows it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { answer, memory, RUNNER } from "../package/support/memory.mjs";
import {
  ComfyControl,
  getManagedRunner,
  isComfyControlError,
  listManagedRunners,
} from "../package/support/package.mjs";
import { thrown } from "../package/support/watch.mjs";

const token = "cfc_Sup3rS3cret";

suite('baseUrl: "/api" outside of a page', () => {
  test("is allowed where a fetch is given, which gets the path", async () => {
    for (const [baseUrl, path] of [
      ["/api", "/api/v1"],
      ["/api/", "/api/v1"],
      ["/", "/v1"],
      ["/a/b", "/a/b/v1"],
    ]) {
      const { fetch, requests } = memory((url) => answer(url.includes("?") ? undefined : RUNNER));
      await listManagedRunners({ baseUrl, fetch });
      await getManagedRunner(RUNNER.id, { baseUrl, fetch });
      const client = new ComfyControl({ baseUrl, fetch });
      await client.listManagedRunners({ page: 2 });
      await client.collectManagedRunners();
      assert.deepEqual(
        requests.map(({ url }) => url),
        [
          `${path}/managed-runner?page=1&per_page=10`,
          `${path}/managed-runner/${RUNNER.id}`,
          `${path}/managed-runner?page=2&per_page=10`,
          `${path}/managed-runner?page=1&per_page=100`,
        ],
      );
    }
  });

  test("has a rate limit, and events that name the path", async () => {
    const { fetch } = memory();
    const paths = [];
    const client = new ComfyControl({
      baseUrl: "/limited",
      fetch,
      rateLimit: { requests: 3, windowMs: 60_000 },
      onEvent: ({ type, path }) => type === "request" && paths.push(path),
    });
    await client.listManagedRunners();
    assert.equal(client.rateLimit.remaining, 2);
    assert.deepEqual(paths, ["/limited/v1/managed-runner"]);
  });

  test("is refused without one, and the message says what would do", async () => {
    const error = await thrown(listManagedRunners({ baseUrl: "/api" }));
    assert.ok(isComfyControlError(error, "invalid_options"));
    assert.match(error.message, /^baseUrl: expected an absolute URL/);
    assert.match(error.message, /fetch/);
    // A module of a page makes its client also where a server renders the page.
    const client = new ComfyControl({ baseUrl: "/api" });
    assert.equal((await thrown(client.collectManagedRunners())).message, error.message);
  });

  for (const where of ["outside of a page", "on a page"]) {
    test(`is a path, and nothing that leads elsewhere, ${where}`, async () => {
      if (where === "on a page") globalThis.location = new URL("https://page.example/dashboard");
      try {
        for (const baseUrl of [
          "//evil.example",
          "//evil.example/api",
          "/\\evil.example",
          "/\\page.ex",
          "/..//evil.example",
          "/.//evil.example",
          "/x/..//evil.example",
          "/%2e//evil.example",
          "/.\\/evil.example",
          "/\t/evil.example",
          "/api?x=1",
          "/api#x",
          "api",
          "./api",
        ]) {
          const { fetch, requests } = memory();
          const error = await thrown(listManagedRunners({ baseUrl, fetch, token }));
          assert.equal(error.code, "invalid_options", baseUrl);
          assert.equal(requests.length, 0);
        }
      } finally {
        delete globalThis.location;
      }
    });
  }

  test("in a frame without an address of its own it belongs to the page around the frame", async () => {
    globalThis.location = { href: "about:srcdoc" };
    globalThis.document = { baseURI: "https://page.example/dashboard" };
    try {
      const { fetch, requests } = memory();
      await listManagedRunners({ baseUrl: "/api", fetch });
      assert.match(requests[0].url, /^https:\/\/page\.example\/api\/v1\//);
    } finally {
      delete globalThis.location;
      delete globalThis.document;
    }
  });

  test("resolved by a fetch as SvelteKit's: against the page that is rendered", async () => {
    const asked = [];
    const fetch = async (url, init) => {
      const request = new Request(new URL(url, "http://localhost:5173/dashboard"), init);
      asked.push(request.url);
      return answer();
    };
    await listManagedRunners({ baseUrl: "/api", fetch });
    assert.deepEqual(asked, ["http://localhost:5173/api/v1/managed-runner?page=1&per_page=10"]);
  });
});

/** The header that is sent to a host over http, or the code of the error. */
async function sent(host, options) {
  const { fetch, requests } = memory();
  const error = await listManagedRunners({ baseUrl: `http://${host}`, fetch, token, ...options }).then(
    () => undefined,
    (error) => error,
  );
  if (error) assert.equal(requests.length, 0);
  return error ? error.code : requests[0].init.headers.authorization;
}

suite("a token over plain http", () => {
  const LOOPBACK = [
    "localhost",
    "LOCALHOST",
    "LocalHost:8787",
    "localhost.",
    "dashboard.localhost",
    "dashboard.localhost.",
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "127.255.255.254",
    "[::1]",
    "[::1]:8787",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0:1]",
  ];
  for (const host of LOOPBACK) {
    test(`goes to ${host}`, async () => {
      assert.equal(await sent(host), `Bearer ${token}`);
      assert.ok(new ComfyControl({ baseUrl: `http://${host}`, token }));
    });
  }

  const ELSEWHERE = [
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.evil.example",
    "0x7f.1.example",
    "evil-localhost",
    "localhost-evil",
    "mylocalhost",
    "127.0.0.1x",
    "128.0.0.1",
    "126.255.255.255",
    "0.0.0.0",
    "10.0.0.1",
    "[::]",
    "[::2]",
    "[1::1]",
    "[::1:1]",
    "host.docker.internal",
    "comfycontrol-proxy",
    "api.default.svc.cluster.local",
  ];
  for (const host of ELSEWHERE) {
    test(`does not go to ${host}, and the message names the option that allows it`, async () => {
      assert.equal(await sent(host), "invalid_options");
      const { message } = await thrown(
        listManagedRunners({ baseUrl: `http://${host}`, fetch: memory().fetch, token }),
      );
      assert.match(message, /^baseUrl: expected https/);
      assert.match(message, /allowInsecureToken/);
      assert.doesNotMatch(message, /Sup3r|S3cret/);
    });
  }

  for (const url of [
    "http://127...",
    "http://127..1",
    "http://256.256.256.256",
    "http://[::1",
    "http://[::1]x",
    "http://1.2.3.4.5",
    "http://0x7f.0x100.1.1",
  ]) {
    test(`${url} is no URL`, async () => {
      const { fetch, requests } = memory();
      assert.equal(
        (await thrown(listManagedRunners({ baseUrl: url, fetch, token }))).code,
        "invalid_options",
      );
      assert.equal(requests.length, 0);
    });
  }

  test("goes wherever the caller says so: allowInsecureToken", async () => {
    for (const host of ["host.docker.internal:8787", "comfycontrol-proxy", "10.0.0.1"]) {
      assert.equal(await sent(host, { allowInsecureToken: true }), `Bearer ${token}`);
      assert.equal(await sent(host, { allowInsecureToken: true, token: () => token }), `Bearer ${token}`);
      assert.equal(await sent(host, { allowInsecureToken: false }), "invalid_options");
      assert.equal(await sent(host, { allowInsecureToken: undefined }), "invalid_options");
      const { fetch, requests } = memory();
      const client = new ComfyControl({ baseUrl: `http://${host}`, fetch, token, allowInsecureToken: true });
      await client.listManagedRunners();
      assert.equal(requests[0].init.headers.authorization, `Bearer ${token}`);
    }
  });

  test("one client's allowance is no other's", async () => {
    await listManagedRunners({
      baseUrl: "http://proxy.internal",
      fetch: memory().fetch,
      token,
      allowInsecureToken: true,
    });
    assert.equal(await sent("proxy.internal"), "invalid_options");
  });

  test("the option is a boolean of the client's", async () => {
    for (const value of ["true", 1, null, {}]) {
      const error = await thrown(
        listManagedRunners({
          baseUrl: "http://proxy.internal",
          fetch: memory().fetch,
          token,
          allowInsecureToken: value,
        }),
      );
      assert.ok(isComfyControlError(error, "invalid_options"));
      assert.match(error.message, /^allowInsecureToken: expected (a boolean|true or false), got /);
    }
    const client = new ComfyControl({ baseUrl: "http://localhost", fetch: memory().fetch, token });
    assert.match(
      (await thrown(client.listManagedRunners({ allowInsecureToken: true }))).message,
      /^unknown option "allowInsecureToken"/,
    );
  });
});
