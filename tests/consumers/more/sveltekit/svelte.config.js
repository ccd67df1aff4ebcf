import cloudflare from "@sveltejs/adapter-cloudflare";
import node from "@sveltejs/adapter-node";

// HOST_KIND names where it will run.
export default {
  kit: { adapter: process.env.HOST_KIND === "cloudflare" ? cloudflare() : node({ out: "build" }) },
};
