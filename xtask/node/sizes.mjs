// Prints, as JSON, how many bytes each file given on the command line takes: raw, gzip -9, brotli 11.
// It is JavaScript because Node.js brings both compressors: the commands need no further dependency.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const sizes = process.argv.slice(2).map((path) => {
  const content = readFileSync(path);
  const parameters = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return {
    path,
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params: parameters }).length,
  };
});
process.stdout.write(JSON.stringify(sizes) + "\n");
