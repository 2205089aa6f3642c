// A barcode scanner types the number and then Enter: in a field for scanning that goes on to the next field, it does
// not send the form.

for (const box of document.querySelectorAll("[data-scan] input")) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const fields = [...box.form.elements].filter((field) => field.type !== "hidden" && !field.disabled);
    fields[fields.indexOf(box) + 1]?.focus();
  });
}
