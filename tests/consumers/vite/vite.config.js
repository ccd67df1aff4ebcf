// The requests to /api go to a backend that adds the token.
export default {
  server: {
    headers: {
      "Content-Security-Policy":
        "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'",
    },
    proxy: { "/api": process.env.BACKEND },
  },
};
