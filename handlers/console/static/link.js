// Sends the token of a log-in link, which is in the fragment, so that no server logs it.
"use strict";
(() => {
  const form = document.getElementById("link");
  form.token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (form.token.value) form.requestSubmit();
})();
