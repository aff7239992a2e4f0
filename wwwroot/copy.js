// What a page can do beyond plain HTML; without it, these buttons stay hidden (app.css).
// <button type="button" class="btn btn-sm" data-copy="#id">Copy</button> copies what #id shows, or the block before it.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : button.previousElementSibling;
  if (!source || !navigator.clipboard) continue;
  const label = button.textContent;
  button.classList.add("is-ready");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText("value" in source ? source.value : source.textContent.trim());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 2000);
  });
}

// <button type="button" class="btn" data-print>Print</button>
for (const button of document.querySelectorAll("button[data-print]")) {
  button.classList.add("is-ready");
  button.addEventListener("click", () => print());
}
