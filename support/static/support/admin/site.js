addEventListener("DOMContentLoaded", () => {
  const color = document.getElementById("id_color");
  if (color) {
    const swatch = Object.assign(document.createElement("input"), { type: "color", className: "pl-swatch" });
    swatch.setAttribute("aria-label", "Choose the color");
    const follow = () => {
      swatch.value = /^#[0-9a-f]{6}$/i.test(color.value) ? color.value : "#b45309";
    };
    follow();
    color.addEventListener("input", follow);
    swatch.addEventListener("input", () => {
      color.value = swatch.value.toUpperCase();
    });
    color.after(swatch);
  }
  for (const button of document.querySelectorAll("[data-copies]")) {
    // Pages without TLS have no clipboard; the text can be selected there.
    button.hidden = !navigator.clipboard;
    const name = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => {
        button.textContent = name;
      }, 2000);
    });
  }
});
