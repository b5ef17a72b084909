/* What pages do better with script. Without it every page works as it is. */

import { followDates } from "./dates.js";
import { keepFresh } from "./fresh.js";
import { closeMenus } from "./menus.js";
import { takeDroppedPictures } from "./pictures.js";
import { goToSearch } from "./search.js";
import { countTicks } from "./ticks.js";

closeMenus();
goToSearch();
keepFresh();
takeDroppedPictures();
countTicks();
followDates();
const composer = document.getElementById("composer");
if (composer) import("./composer.js");

// What few pages need is fetched where it is needed.
if (!composer && document.querySelector("textarea[data-rich], input[data-merge]")) {
  import("./editor.js").then(({ editRichText }) => editRichText());
}
