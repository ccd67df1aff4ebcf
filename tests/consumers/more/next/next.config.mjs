// The requests to /api go to a backend that adds the token.
export default {
  rewrites: () => [{ source: "/api/:path*", destination: `${process.env.BACKEND}/api/:path*` }],
};
