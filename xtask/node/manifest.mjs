// Prints custom-elements.json (https://github.com/webcomponents/custom-elements-manifest, 1.0.0 and the later
// `cssStates`): attributes, events, slots, parts and states of the comment on the class in www/host/element.js,
// members of the class in pkg/index.d.ts.
import { readFileSync } from "node:fs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const fail = (what) => {
  throw new Error(`${what} is not written as expected`);
};

/** The lines of the class's comment, without its stars. */
const comment = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export class TesseraCheckout/.exec(read("www/host/element.js"))?.[1];
const lines = (comment ?? fail("the comment")).split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
const description = lines.slice(0, lines.indexOf("", 1)).join(" ").trim();

/** What stands behind one kind of tag: `@tag {type} [name=default] - description`. */
const tags = (tag) =>
  lines
    .filter((line) => line.startsWith(`@${tag} `))
    .map((line) => {
      const found = /^@\w+ (?:\{(.+?)\} )?(?:\[([\w-]+)=(.+?)\]|([\w-]+(?= )))?(?: ?- (.+))?$/.exec(line) ?? fail(line);
      const [, type, optional, absent, name = optional ?? "", told] = found;
      return {
        name,
        ...(type && { type: { text: type } }),
        ...(absent && { default: JSON.stringify(absent) }),
        ...(told && { description: `${told}.` }),
      };
    });

const attributes = tags("attr");
const isAttribute = (name) => attributes.some((attribute) => attribute.name === name);

/** The class in the declarations: one member each, with the comment above it. Overloads of EventTarget are none. */
const body = /^export class TesseraCheckout extends HTMLElement \{\n([^]*?)\n\}/m.exec(read("pkg/index.d.ts"))?.[1];
const members = [];
let told;
for (const line of (body ?? fail("the class")).split("\n")) {
  const said = /^ {2}\/\*\* (.+) \*\/$/.exec(line);
  const field = /^ {2}(readonly )?(\w+): (.+);$/.exec(line);
  const method = /^ {2}(\w+)\((?:(\w+)(\?)?: (.+?))?\): (.+);$/.exec(line);
  if (said) {
    told = said[1];
    continue;
  }
  if (field) {
    const [, readonly, name, type] = field;
    members.push({
      kind: "field",
      name,
      type: { text: type },
      description: told,
      ...(readonly ? { readonly: true } : {}),
      ...(isAttribute(name) ? { attribute: name, reflects: true } : {}),
    });
  } else if (method) {
    const [, name, parameter, optional, type, result] = method;
    members.push({
      kind: "method",
      name,
      description: told,
      ...(parameter && { parameters: [{ name: parameter, optional: Boolean(optional), type: { text: type } }] }),
      return: { type: { text: result } },
    });
  }
  told = undefined;
}

const inIndex = (name) => ({ name, module: "index.js" });
const manifest = {
  schemaVersion: "1.0.0",
  readme: "README.md",
  modules: [
    {
      kind: "javascript-module",
      path: "index.js",
      declarations: [
        {
          kind: "class",
          customElement: true,
          name: "TesseraCheckout",
          tagName: lines.find((line) => line.startsWith("@element ")).slice(9),
          superclass: { name: "HTMLElement" },
          description,
          attributes: attributes.map((attribute) =>
            members.some(({ attribute: name }) => name === attribute.name)
              ? { ...attribute, fieldName: attribute.name }
              : attribute,
          ),
          members,
          events: tags("fires"),
          slots: tags("slot"),
          cssParts: tags("csspart"),
          cssStates: tags("cssstate"),
        },
      ],
      exports: ["TesseraCheckout", "define"].map((name) => ({ kind: "js", name, declaration: inIndex(name) })),
    },
    {
      kind: "javascript-module",
      path: "auto.js",
      exports: [
        { kind: "custom-element-definition", name: "tessera-checkout", declaration: inIndex("TesseraCheckout") },
      ],
    },
  ],
};
process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
