// The filter: without a script it is not shown, and all routes are.
(() => {
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll("tbody tr")];
  const said = rows.map(row => row.cells[0].textContent.toLowerCase());
  const show = () => {
    const { text, method, who } = form.elements;
    const words = text.value.toLowerCase().split(/\s+/);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = words.every(word => said[at].includes(word))
        && (!method.value || row.dataset.method === method.value)
        && (!who.value || !row.cells[Number(who.value)].classList.contains("n"));
      row.hidden = !fits;
      shown += fits;
    });
    form.querySelector("output").textContent = `${shown} of ${rows.length} routes`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
  show();
})();
