/* Passkeys: the one part of the sign-in that needs scripts. The form carries the browser's answer as JSON. */
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (asked) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: known(asked.excludeCredentials),
    } });
    return { made, response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
    } };
  };

  const get = async (asked) => {
    const made = await navigator.credentials.get({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials),
    } });
    return { made, response: {
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
      userHandle: made.response.userHandle ? text(made.response.userHandle) : null,
    } };
  };

  const onPasskeys = () => {
    const form = document.querySelector("form[data-passkey]");
    const options = document.getElementById("passkey-options");
    if (!form || !options || !window.PublicKeyCredential) { return; }
    const button = form.querySelector("button");
    const told = form.querySelector("[data-passkey-error]");
    button.disabled = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      told.textContent = "";
      button.disabled = true;
      try {
        const asked = JSON.parse(JSON.parse(options.textContent));
        const { made, response } = await (form.dataset.passkey === "create" ? create(asked) : get(asked));
        form.querySelector("[name=passkey]").value = JSON.stringify({
          id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {},
        });
        form.submit();
      } catch {
        told.textContent = form.dataset.failed;
        button.disabled = false;
      }
    });
  };

  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", onPasskeys); } else { onPasskeys(); }
})();
