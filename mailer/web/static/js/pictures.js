/* Files that are dropped on a form or pasted into the page: data-drop="name of the file field". */

function take(form, files) {
  const field = form.elements.namedItem(form.dataset.drop);
  const chosen = [...files].find((file) => file.type.startsWith("image/"));
  if (!field || !chosen) return false;
  const carrier = new DataTransfer();
  carrier.items.add(chosen);
  field.files = carrier.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  form.elements.namedItem("words")?.focus();
  return true;
}

/** Let people drop a picture on such a form, or paste one anywhere on its page. */
export function takeDroppedPictures() {
  const form = document.querySelector("form[data-drop]");
  if (!form) return;
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    take(form, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (take(form, event.clipboardData.files)) event.preventDefault();
  });
}
