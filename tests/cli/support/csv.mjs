/** Parses a CSV file strictly by RFC 4180. Throws for anything else. */
export function parseCsv(text) {
  const records = [];
  let record = [];
  let rest = text;
  while (rest !== "") {
    const found = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (!found) throw new Error(`not CSV: ${JSON.stringify(rest.slice(0, 40))}`);
    record.push(found[1]?.replaceAll('""', '"') ?? found[2]);
    rest = rest.slice(found[0].length);
    if (found[3] === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}
