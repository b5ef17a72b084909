/* What pages do better with script. Without it every page works as it is. */

import { closeMenus } from "./menus.js";
import { goToSearch } from "./search.js";
import { keepFresh } from "./fresh.js";
import { followDates } from "./dates.js";

closeMenus();
goToSearch();
keepFresh();
followDates();
