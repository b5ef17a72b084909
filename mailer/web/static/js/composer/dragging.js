/* Blocks are dragged by their grip: pointer only, since buttons and keys do the same. */

const FAR = 8; // pixels before it is a drag

/** Let blocks be dragged; `go` sends the move. */
export function dragBlocks(go) {
  const list = document.getElementById("composer");
  list.addEventListener("pointerdown", (down) => {
    const grip = down.target.closest("[data-grip]");
    if (!grip || down.button !== 0) return;
    down.preventDefault();
    const row = grip.closest("[data-block]");
    let started = false;
    let target = null;
    const clear = () => {
      for (const each of document.querySelectorAll(".drop-above, .drop-below")) {
        each.classList.remove("drop-above", "drop-below");
      }
    };
    const move = (event) => {
      if (!started && Math.abs(event.clientY - down.clientY) < FAR) return;
      started = true;
      row.classList.add("dragged");
      if (event.clientY < 120) window.scrollBy(0, -12);
      if (event.clientY > window.innerHeight - 80) window.scrollBy(0, 12);
      clear();
      const rows = [...document.querySelectorAll("#blocks [data-block]")].filter((each) => each !== row);
      const below = rows.filter((each) => {
        const box = each.getBoundingClientRect();
        return event.clientY > box.top + box.height / 2;
      });
      target = below.at(-1) ?? rows[0];
      const pinnedLast = target === rows.at(-1) && target.classList.contains("locked");
      if (pinnedLast) target = rows.at(-2);
      target?.classList.add("drop-below");
    };
    const end = (event) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("keydown", escape);
      clear();
      row.classList.remove("dragged");
      if (!started || !target || event.type !== "pointerup") return;
      const form = row.querySelector(".acts");
      const data = new FormData(form);
      data.set("to", target.dataset.block);
      go(form.action, { body: data, focus: { block: row.dataset.block, value: "up" } });
    };
    const escape = (event) => event.key === "Escape" && end(event);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("keydown", escape);
  });
}
