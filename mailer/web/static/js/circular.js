/* What pages do better with script. Without it every page works as it is. */

import { closeMenus } from "./menus.js";
import { takeDroppedPictures } from "./pictures.js";
import { goToSearch } from "./search.js";
import { keepFresh } from "./fresh.js";

closeMenus();
goToSearch();
keepFresh();
takeDroppedPictures();
