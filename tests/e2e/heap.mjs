// What is in a renderer's heap: the texts of a snapshot of the DevTools.

/** Gives the texts in the heap of a page's own process, or of a frame's: what text objects hold, not names of properties. */
export async function heapTexts(page, target = page) {
  const session = await page.context().newCDPSession(target);
  const chunks = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await session.detach();
  const { snapshot, nodes, strings } = JSON.parse(chunks.join(""));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const isText = (type) => ["string", "concatenated string", "sliced string"].includes(types[0][type]);
  const texts = [];
  for (let node = 0; node < nodes.length; node += fields.length) {
    if (isText(nodes[node + fields.indexOf("type")])) {
      texts.push(strings[nodes[node + fields.indexOf("name")]]);
    }
  }
  return texts;
}
