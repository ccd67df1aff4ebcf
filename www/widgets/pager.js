// First, previous, next and last page, as links that can be opened and copied like any other.

import { pageSizes, writeAddress } from "../address.js";
import { ask, h, part, setAttribute, setText } from "../dom.js";
import { count } from "../format.js";
import { icon } from "../icons.js";

const LINKS = ["first", "previous", "next", "last"];

export function pager(root) {
  const links = Object.fromEntries(LINKS.map((name) => [name, part(root, name)]));
  const [at, size] = [part(root, "at"), part(root, "size")];
  for (const [name, link] of Object.entries(links)) {
    link.append(icon(name));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (link.dataset.page) ask(root, "goTo", { page: Number(link.dataset.page) });
    });
  }
  size.addEventListener("change", () => ask(root, "resize", { perPage: Number(size.value) }));

  return (state, { pageCount }) => {
    const { page, perPage } = state.position;
    const last = Math.max(1, pageCount);
    const targets = {
      first: page > 1 && 1,
      previous: page > 1 && Math.min(page - 1, last),
      next: page < last && page + 1,
      last: page !== last && last,
    };
    for (const [name, link] of Object.entries(links)) {
      const target = state.list ? targets[name] : false;
      // A link without an address is not a link; one with the focus must not lose it, though.
      setAttribute(link, "href", target ? addressOf(state, target) : null);
      setAttribute(link, "role", target ? null : "link");
      setAttribute(link, "aria-disabled", target ? null : "true");
      setAttribute(link, "tabindex", target ? null : link === document.activeElement ? "0" : "-1");
      if (target) link.dataset.page = target;
      else delete link.dataset.page;
    }
    setText(at, state.list ? `Page ${count(page)} of ${count(last)}` : "Page –");
    const sizes = pageSizes(perPage);
    if (size.dataset.sizes !== sizes.join()) {
      size.dataset.sizes = sizes.join();
      size.replaceChildren(...sizes.map((value) => h("option", { value }, String(value))));
    }
    if (size.value !== String(perPage)) size.value = String(perPage);
  };
}

function addressOf(state, page) {
  return writeAddress(state, { ...state.position, page }) || location.pathname;
}
