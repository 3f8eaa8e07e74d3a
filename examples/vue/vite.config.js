import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// Vue must be told which elements are not its own components.
const isCustomElement = (tag) => tag === "tessera-checkout";

export default defineConfig({ plugins: [vue({ template: { compilerOptions: { isCustomElement } } })] });
