import { index, route } from "@react-router/dev/routes";

export default [
  index("routes/home.jsx"),
  route("client", "routes/client.jsx"),
  route("runners", "routes/runners.js"),
  route("api/*", "routes/api.js"),
];
