// jsdom has no TextDecoder, no TextEncoder and no fetch; a suite that only imports a component needs none of
// them.
const { load, show } = require("./runners.js");

const list = () => document.body.appendChild(document.createElement("ul"));

test("a component that imports the package shows what it is given", () => {
  const ul = list();
  show(ul, ["a", "b"]);
  expect(ul.children).toHaveLength(2);
});

test("what jsdom lacks is named", async () => {
  const ul = list();
  await load(ul);
  expect(ul.textContent).toMatch(/^unsupported: .*(TextDecoder|fetch)/);
});
