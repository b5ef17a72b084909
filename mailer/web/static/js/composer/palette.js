/* The kinds of block in a dialog: found by a few letters, chosen by a press. */

const dialog = () => document.getElementById("palette");
let back = null;

/** Open it for a place: below the block `after`. `from` gets the focus back. */
export function openPalette(after, from = document.activeElement) {
  const palette = dialog();
  if (!palette) return;
  back = from;
  palette.querySelector("[name=after]").value = after;
  const row = document.querySelector(`[data-block="${CSS.escape(after)}"] h3`);
  document.getElementById("palette-after").textContent = row ? `after ${row.innerText.trim()}` : "";
  if (palette.open) palette.close();
  palette.showModal();
  const search = document.getElementById("kind-search");
  search.value = "";
  filter();
  search.focus();
}

const picks = () => [...dialog().querySelectorAll(".pick")];

function filter() {
  const wanted = document.getElementById("kind-search").value.trim().toLowerCase();
  const isAddress = /^(https?:\/\/|www\.)\S+\.\S+$/.test(wanted);
  document.getElementById("of-address").hidden = !isAddress;
  for (const pick of picks()) {
    const row = pick.parentElement;
    row.hidden =
      wanted === "" || isAddress ? "found" in row.dataset : !pick.textContent.toLowerCase().includes(wanted);
  }
}

/** Make the palette of the page work. */
export function usePalette() {
  const palette = dialog();
  if (!palette) return;
  palette.addEventListener("input", filter);
  palette.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "kind-search") return;
    event.preventDefault();
    const address = document.getElementById("of-address");
    if (!address.hidden) address.click();
    else picks().find((pick) => !pick.parentElement.hidden && !pick.disabled)?.click();
  });
  palette.addEventListener("click", (event) => {
    if (!event.target.closest("[data-closes]") && event.target !== palette) return;
    event.preventDefault();
    palette.close();
  });
  palette.addEventListener("close", () => back?.isConnected && back.focus());
  if (palette.open) {
    palette.close();
    openPalette(palette.querySelector("[name=after]").value);
  }
}
