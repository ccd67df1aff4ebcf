// Answers of the API, made up from a fixed seed.

/** A page of `count` runners as the API writes it. */
export function page(count, { ascii = true, pretty = false, total = 4321 } = {}) {
  let state = 20_260_401;
  const random = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const hex = (digits) => Array.from({ length: digits }, () => random(16).toString(16)).join("");
  const names = ascii
    ? ["render farm", "sketch box", "video upscaler", "nightly batch"]
    : ["Renderfarm Süd", "スケッチ箱", "vidéo ↑ échelle", "ночной прогон"];
  const tags = ascii
    ? ["gpu", "a100", "h100", "flux", "sdxl", "video", "batch", "eu-west"]
    : ["gpu", "a100", "größe-m", "flux", "動画", "video", "batch", "süd"];
  const time = () =>
    new Date(1_700_000_000_000 + random(60_000_000) * 1000).toISOString().replace(".000Z", "Z");
  const runners = Array.from({ length: count }, (_, number) => ({
    id: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    name: `${names[random(4)]} ${number}`,
    runner_type: random(2) ? "plus" : "pro",
    status: "active",
    tags: tags.slice(random(4), 4 + random(5)),
    created_at: time(),
    updated_at: time(),
  }));
  return JSON.stringify({ runners, total }, null, pretty ? 2 : 0);
}
