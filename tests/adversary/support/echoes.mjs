// A server that repeats the token in every part of an answer.

import { answer, EMPTY, refusal, RUNNER } from "../../package/support/memory.mjs";
import { rawAnswer } from "./raw.mjs";

/** Answers of a `fetch` that repeat `secret`, by how they do it, with the code of the failure, if any. */
export const echoes = (secret) => ({
  "a message of 400": ["bad_request", () => refusal(400, {}, `bad token ${secret}`)],
  "a message of 401": [
    "unauthorized",
    () => refusal(401, { "www-authenticate": `Bearer realm="${secret}"` }, `Invalid token ${secret}`),
  ],
  "a message of 403": ["forbidden", () => refusal(403, {}, secret)],
  "a message of 404": ["not_found", () => refusal(404, {}, `${secret}${secret}${secret}`)],
  "a message of 429": [
    "rate_limited",
    () => refusal(429, { "retry-after": "9999", "x-token": secret }, `slow down, ${secret}`),
  ],
  "a message of 500": ["server_error", () => refusal(500, {}, `Authorization: Bearer ${secret}`)],
  "a message that is cut in it": [
    "server_error",
    () => refusal(500, {}, `${"x".repeat(300 - secret.length / 2)}${secret}`),
  ],
  "a message cut after a few characters of it": [
    "server_error",
    () => refusal(500, {}, `${"x".repeat(291)}${secret}`),
  ],
  "a message with it escaped": [
    "server_error",
    () => answer(`{"status":500,"message":"${escaped(secret)}"}`, { status: 500 }),
  ],
  "a message with it between others": ["bad_request", () => refusal(400, {}, `x${secret}y${secret}z`)],
  "a redirect without end": [
    "invalid_response",
    () =>
      answer("", {
        status: 302,
        headers: { location: `https://x.example/?token=${encodeURIComponent(secret)}` },
      }),
  ],
  "a status text": ["server_error", () => new Response("", { status: 500, statusText: secret })],
  "a content type": [
    "invalid_response",
    () => answer("{}", { headers: { "content-type": `text/html; token=${secret}` } }),
  ],
  "a content type that is cut in it": [
    "invalid_response",
    () => answer("{}", { headers: { "content-type": `${"t".repeat(70)}${secret}` } }),
  ],
  "a page of HTML": [
    "invalid_response",
    () => answer(`<html>${secret}`, { headers: { "content-type": "text/html" } }),
  ],
  "a page that is it": ["invalid_response", () => answer(secret)],
  "a total": ["invalid_response", () => answer({ runners: [], total: secret })],
  "a total with it escaped": [
    "invalid_response",
    () => answer(`{"runners":[],"total":"${escaped(secret)}"}`),
  ],
  "an id": ["invalid_response", () => answer({ runners: [{ ...RUNNER, id: secret }], total: 1 })],
  "an id that begins with something else": [
    "invalid_response",
    () => answer({ runners: [{ ...RUNNER, id: `the id ${secret}` }], total: 1 }),
  ],
  "a date": [
    "invalid_response",
    () => answer({ runners: [{ ...RUNNER, created_at: `2024 ${secret}` }], total: 1 }),
  ],
  "a tag's place": [
    "invalid_response",
    () => answer({ runners: [{ ...RUNNER, tags: [{ [secret]: secret }] }], total: 1 }),
  ],
  "a member nobody knows": [
    "invalid_response",
    () => answer(`{"${escaped(secret)}":${JSON.stringify(secret)}}`),
  ],
  "JSON that breaks in it": ["invalid_response", () => answer(`{"runners":${secret}`)],
  "JSON that breaks behind it": ["invalid_response", () => answer(`{"runners":[],"total":0}${secret}`)],
  "bytes that are no text": [
    "invalid_response",
    () => new Response(Buffer.concat([Buffer.from([0xff]), Buffer.from(secret)])),
  ],
  "a good page's headers": [
    undefined,
    () => answer(EMPTY, { headers: { "x-token": secret, "set-cookie": secret } }),
  ],
});

/** Every other character as JSON may write it, too. */
const escaped = (text) =>
  [...text]
    .map((char, index) =>
      index % 2
        ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
        : JSON.stringify(char).slice(1, -1),
    )
    .join("");

/** Bytes of a server with which the runtime's own fetch fails, and which repeat `secret`. */
export const broken = (secret) => ({
  "a status line": `HTTP/1.1 2x0 ${secret}\r\n\r\n`,
  "another protocol": `${secret}\r\n\r\n`,
  "a header that is none": rawAnswer("", { headers: [`x ${secret}`] }),
  "a header's control characters": rawAnswer("", { headers: [`x: ${secret}\u0001`] }),
  "a Content-Length": rawAnswer("", { length: secret }),
  "a chunk's size": rawAnswer(`${secret}\r\n`, { length: null, headers: ["transfer-encoding: chunked"] }),
  "a Location that is none": rawAnswer("", { status: "302 Found", headers: [`location: http://[${secret}`] }),
  "a Location of another scheme": rawAnswer("", {
    status: "302 Found",
    headers: [`location: ftp://x/${secret}`],
  }),
  "a Location with a password": rawAnswer("", {
    status: "302 Found",
    headers: [`location: http://user:${encodeURIComponent(secret)}@127.0.0.1:9/`],
  }),
  "a Location on a port that fetch forbids": rawAnswer("", {
    status: "302 Found",
    headers: [`location: http://127.0.0.1:9/${encodeURIComponent(secret)}`],
  }),
  "gzip that is none": rawAnswer(secret, { headers: ["content-encoding: gzip"] }),
  "an upgrade": `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${secret}\r\n\r\n`,
  "a body that breaks off": rawAnswer(secret, { length: 1000 }),
});
