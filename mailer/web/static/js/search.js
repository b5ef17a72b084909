/* Ctrl K and "/" lead to the search box, or to the page of search where the box is folded away. */

const isTyping = (target) =>
  target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);

/** Listen for the keys that lead to the search. */
export function goToSearch() {
  const box = document.getElementById("search-box");
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    const control = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!control && !(slash && !isTyping(event.target))) return;
    event.preventDefault();
    if (box.offsetParent) {
      box.focus();
      box.select();
    } else {
      window.location.assign(box.form.action);
    }
  });
}
