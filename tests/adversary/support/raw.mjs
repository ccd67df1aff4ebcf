// A server that sends raw bytes, well-formed or not, and records the requests.

import { once } from "node:events";
import { createServer } from "node:net";
import { after } from "node:test";

export const PAGE = '{"runners":[],"total":0}';

/** An answer's bytes: a status line, headers, and a body of this length. */
export const rawAnswer = (
  body = PAGE,
  { status = "200 OK", headers = [], length = Buffer.byteLength(body) } = {},
) =>
  `HTTP/1.1 ${[status, "content-type: application/json", ...(length === null ? [] : [`content-length: ${length}`]), ...headers].join("\r\n")}\r\n\r\n${body}`;

/**
 * Starts a server on a free port of `host`, which ends with the test file. It calls `answer(socket, n, head)` for the n-th
 * request, counted from 0, or for the n-th connection at once (`early`). Returns `url`, the received `heads`, how many
 * connections `closed`, and `fresh()`.
 */
export async function rawServer(answer, { early = false, host = "127.0.0.1" } = {}) {
  const sockets = new Set();
  const state = { heads: [], closed: 0, connections: 0, answer };
  const server = createServer((socket) => {
    sockets.add(socket);
    state.connections += 1;
    // A client that is cut off resets the connection.
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      state.closed += 1;
    });
    if (early) return state.answer(socket, state.connections - 1);
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
      for (let end; (end = received.indexOf("\r\n\r\n")) >= 0; received = received.slice(end + 4)) {
        state.heads.push(received.slice(0, end));
        state.answer(socket, state.heads.length - 1, received.slice(0, end));
      }
    });
  }).listen(0, host);
  await once(server, "listening");
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(state, {
    url: `http://${host}:${server.address().port}`,
    fresh(next = state.answer) {
      Object.assign(state, { heads: [], closed: 0, connections: 0, answer: next });
    },
  });
}
