// The demo merchant: a small coffee roaster whose checkout takes cards and bank accounts through Tessera.
// It needs Node.js 20 and nothing else. The secret key comes from the environment, never from the command
// line, where every user of the machine could read it.
//
//   TESSERA_SECRET_KEY=sk_test_… node server.mjs --port 8800 --vault http://127.0.0.1:8700 \
//     --publishable-key pk_test_…

import { createServer } from "node:http";

import { readOptions, USAGE } from "./server/options.mjs";
import { createShop } from "./server/shop.mjs";

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(`shop: ${error.message}\n\n${USAGE}\n`);
  process.exit(2);
}

const server = createServer(createShop(options));
server.on("error", (error) => {
  const used = error.code === "EADDRINUSE";
  process.stderr.write(`shop: ${used ? `port ${options.port} is in use; choose another with --port` : error.message}\n`);
  process.exit(1);
});
server.listen(options.port, "127.0.0.1", () => {
  const shop = `http://localhost:${server.address().port}`;
  process.stdout.write(`${JSON.stringify({ ready: true, shop })}\n`);
});

const end = () => {
  server.close(() => process.exit(0));
  // Browsers keep connections open for the next page.
  server.closeAllConnections();
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
