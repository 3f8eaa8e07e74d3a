/** Types for Vue 3 templates. Import them once: `import type {} from "tessera-checkout/vue"`. */
import type { HTMLAttributes, PublicProps } from "vue";
import type { TesseraAttributes, TesseraCheckout, TesseraEventMap } from "./index.js";

type Camel<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Text;

/** Attributes and events as Vue's templates name them: `publishableKey`, `onTesseraToken`. */
export type TesseraCheckoutProps = PublicProps &
  HTMLAttributes & { [Name in keyof TesseraAttributes as Camel<Name>]: TesseraAttributes[Name] } & {
    [Type in keyof TesseraEventMap as `on${Capitalize<Camel<Type>>}`]?: (event: TesseraEventMap[Type]) => unknown;
  };

declare module "vue" {
  interface GlobalComponents {
    "tessera-checkout": new () => { $props: TesseraCheckoutProps; $el: TesseraCheckout };
  }
}
