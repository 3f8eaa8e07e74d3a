import { mount } from "svelte";
import { define } from "tessera-checkout";

import ShopPage from "./ShopPage.svelte";
import "./page.css";

define();
mount(ShopPage, { target: document.getElementById("root") });
