// Shows the document beside this page. What a person signs in with stays in this page's memory.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#document",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  queryConfigEnabled: false,
  onComplete() {
    document.title = window.ui.specSelectors.specJson().getIn(["info", "title"], document.title);
  },
});
