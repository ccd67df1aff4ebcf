// Generates a certificate for a local server, so that the repository contains no key and needs no program.

import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

const tlv = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts) => tlv(0x30, ...parts);
const oid = (...bytes) => tlv(0x06, bytes);
const time = (date) =>
  tlv(
    0x17,
    date
      .toISOString()
      .replace(/[-:T]|\.\d+/g, "")
      .slice(2),
  );

/** `{ key, cert }` as PEM: a self-signed certificate (RFC 5280) for `localhost` and 127.0.0.1, good for a day. */
export function certificate() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
  const name = sequence(tlv(0x31, sequence(oid(0x55, 4, 3), tlv(0x0c, "localhost"))));
  const day = 86_400_000;
  const validity = sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day)));
  const names = sequence(
    oid(0x55, 0x1d, 0x11),
    tlv(0x04, sequence(tlv(0x82, "localhost"), tlv(0x87, [127, 0, 0, 1]))),
  );
  const authority = sequence(oid(0x55, 0x1d, 0x13), tlv(0x04, sequence(tlv(0x01, [255]))));
  const body = sequence(
    tlv(0xa0, tlv(0x02, [2])),
    tlv(0x02, [1]),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(names, authority)),
  );
  const signed = sequence(
    body,
    ecdsaWithSha256,
    tlv(
      0x03,
      [0],
      sign("sha256", body, createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }))),
    ),
  );
  const cert = `-----BEGIN CERTIFICATE-----\n${signed.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }), cert };
}
