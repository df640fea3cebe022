// The page never sees what signs it in: the browser adds the cookie, and says which page asks.
const at = (id) => document.getElementById(id);

async function show() {
  const me = await fetch("/me");
  if (!me.ok) return;
  at("name").textContent = (await me.json()).name;
  at("signed-out").hidden = true;
  at("signed-in").hidden = false;
  const notes = await (await fetch("/notes")).json();
  at("notes").replaceChildren(
    ...notes.map((note) => {
      const item = document.createElement("li");
      item.textContent = `${note.text} (${note.by})`;
      return item;
    }),
  );
}

at("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/notes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: at("text").value }),
  });
  at("status").textContent = answer.ok ? "" : (await answer.json()).detail;
  if (answer.ok) at("add").reset();
  await show();
});

await show();
