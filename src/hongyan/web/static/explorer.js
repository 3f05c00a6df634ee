// Shows the description of the admin API.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("explorer");
  SwaggerUIBundle({
    url: place.dataset.description,
    domNode: place,
    validatorUrl: null,
    docExpansion: "none",
    filter: true,
    defaultModelsExpandDepth: -1,
    onComplete() { // a page has one main part, and this is within it
      place.querySelector("main")?.setAttribute("role", "group");
    },
  });
});
