import { define } from "tessera-checkout";
import { createApp } from "vue";

import ShopPage from "./ShopPage.vue";
import "./page.css";

define();
createApp(ShopPage).mount("#root");
