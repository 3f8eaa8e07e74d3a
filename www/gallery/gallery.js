// Builds the gallery. The languages are those that have a file; everything else is listed here.

const { vault, key, locales } = document.documentElement.dataset;

/** Title, class, and attributes of each form; `report` shows what is missing, `page` is what lies behind the figure. */
const SECTIONS = [
  ["States", "", [
    { methods: "card" },
    { methods: "ach" },
    { methods: "card ach" },
    { methods: "card", report: true },
    { methods: "ach", report: true },
    { methods: "card", disabled: "" },
    { methods: "card", "pay-button": "Pay €24.00" },
    { mode: "code", scheme: "amex", last4: "0005" },
  ]],
  ["Themes", "", ["plain", "soft", "ledger"].flatMap((theme) =>
    ["light", "dark"].map((scheme) => ({ theme: `${theme} ${scheme}`, methods: "card ach", page: scheme })))],
  ["A merchant's own tokens", "", [
    { class: "brand", theme: "light", methods: "card", page: "light" },
    { class: "dense", theme: "light", methods: "card ach", page: "light" },
  ]],
  ["Layouts", "", ["columns", "stacked", "compact"].map((layout) => ({ layout, methods: "card" }))],
  ["Layouts that need room", "wide", [
    { layout: "line", methods: "card" },
    { layout: "line", methods: "ach" },
    { layout: "'holder holder holder holder' 'number number expiry code'", methods: "card" },
  ]],
  ["A phone, 320 px wide", "phone", [
    { layout: "columns", methods: "card ach" },
    { layout: "columns", methods: "ach" },
    { layout: "line", methods: "card" },
    { layout: "compact", methods: "card" },
  ]],
  ["Languages", "", locales.split(" ").map((locale) => ({ locale, methods: "card ach" }))],
];

const show = (figure, { report, page, ...attributes }) => {
  const element = document.createElement("tessera-checkout");
  for (const [name, value] of Object.entries({ vault, "publishable-key": key, ...attributes })) {
    element.setAttribute(name, value);
  }
  if (report) {
    element.addEventListener("tessera-change", () => element.reportValidity(), { once: true });
  }
  figure.append(element);
};

/** A frame is a document with a module of its own: fifty at once would be too many. */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        observer.unobserve(target);
        show(target, target.options);
      }
    }
  },
  { rootMargin: "400px" },
);

for (const [title, kind, forms] of SECTIONS) {
  const section = document.createElement("section");
  const heading = document.createElement("h2");
  const grid = document.createElement("div");
  section.id = title.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  section.className = kind;
  heading.textContent = title;
  for (const options of forms) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const { page, report, ...attributes } = options;
    figure.options = options;
    figure.dataset.scheme = page ?? "";
    caption.textContent = Object.entries({ ...attributes, ...(report && { state: "reported" }) })
      .map(([name, value]) => (value ? `${name}="${value}"` : name))
      .join(" ");
    figure.append(caption);
    grid.append(figure);
    observer.observe(figure);
  }
  section.append(heading, grid);
  document.querySelector("main").append(section);
}
