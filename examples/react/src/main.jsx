import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { define } from "tessera-checkout";

import { Shop } from "./Shop.jsx";
import "./page.css";

define();
createRoot(document.getElementById("root")).render(
  <StrictMode>
    <Shop />
  </StrictMode>,
);
